import type { Page } from 'playwright-core';

/** Whether the page or anything in it scrolls sideways. What is cut off on purpose does not. */
export async function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')].some(
      (element) =>
        element.scrollWidth > element.clientWidth + 1 &&
        (element === document.documentElement ||
          ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)),
    ),
  );
}
