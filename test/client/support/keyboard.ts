/** The keyboard of a page, where its focus is, and what screen readers announce. */
import type { Page } from 'playwright-core';

/** A screen has fewer stops than this. */
const MOST_STOPS = 60;

const LOST = 'the focus is lost';

/** What has the focus: its name, and what is wrong with it. */
export interface Focused {
  readonly name: string;
  readonly faults: readonly string[];
}

const readOnce = (page: Page): Promise<Focused> =>
  page.evaluate((lost) => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { name: '', faults: [lost] };
    const label = 'labels' in element && element.labels instanceof NodeList ? element.labels[0] : undefined;
    const name = element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent ?? '';
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const isInside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    const hasRing = [getComputedStyle(element), getComputedStyle(element, '::after')].some(
      ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && outlineWidth !== '0px',
    );
    // What has just opened, and what shows it by a background: an entry of a menu, a part of a date.
    const isShownOtherwise = element.matches(
      '[role="dialog"], [role="menu"], [role^="menuitem"], [type="date"]',
    );
    return {
      name: name.trim(),
      faults: [
        ...(isInside ? [] : [`“${name}” is out of sight`]),
        ...(hasRing || isShownOtherwise ? [] : [`“${name}” shows no focus`]),
      ],
    };
  }, LOST);

/** A dialog that closes gives the focus back a moment after it has gone. */
const PASSED_ON_WITHIN_MS = 500;
const hasFocus = (): boolean => document.activeElement !== document.body;

export async function readFocus(page: Page): Promise<Focused> {
  const focused = await readOnce(page);
  if (!focused.faults.includes(LOST)) return focused;
  await page.waitForFunction(hasFocus, undefined, { timeout: PASSED_ON_WITHIN_MS }).catch(() => undefined);
  return readOnce(page);
}

/** Which parts of what has the focus cannot be seen, since something else is over them or they are out of sight. */
export const readCovered = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null) return ['all: nothing has the focus'];
    const { left, top, width, height } = element.getBoundingClientRect();
    return Object.entries({ top: 0.1, middle: 0.5, bottom: 0.9 })
      .filter(([, part]) => {
        const seen = document.elementFromPoint(left + width / 2, top + height * part);
        return seen === null || !element.contains(seen);
      })
      .map(([name]) => `${name} of “${element.getAttribute('name') ?? element.textContent}”`);
  });

/** Keys, each of which leaves the focus somewhere and in sight. */
export function keysOf(page: Page) {
  const faults: string[] = [];
  async function press(...keys: readonly string[]): Promise<Focused> {
    for (const key of keys) await page.keyboard.press(key);
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    let focused = await readFocus(page);
    if (focused.faults.includes(LOST)) {
      await page
        .waitForFunction(hasFocus, undefined, { timeout: PASSED_ON_WITHIN_MS })
        .catch(() => undefined);
      focused = await readFocus(page);
    }
    faults.push(...focused.faults.map((fault) => `${keys.join(' ')}: ${fault}`));
    return focused;
  }
  return {
    faults,
    press,
    /** Goes from stop to stop. */
    async tabTo(name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
      const met: string[] = [];
      while (met.length < MOST_STOPS) {
        const { name: here } = await press(key);
        if (name.test(here)) return;
        met.push(here);
      }
      throw new Error(`no stop is called ${name}: ${met.join(' · ')}`);
    },
    async type(text: string): Promise<void> {
      await page.keyboard.type(text);
    },
  };
}

/** What screen readers announce: each text that comes into a live region, once for each time. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const announced: string[] = [];
    const toast = '[data-sonner-toast]'; // each by itself: their region has all of them
    const region = `[role="status"], [role="alert"], ${toast}`;
    const texts = new Map<Element, string>();
    const read = () => {
      for (const element of document.querySelectorAll(region)) {
        if (element.parentElement?.closest(region)) continue;
        const text = (element.textContent ?? '').trim();
        if (text !== '' && texts.get(element) !== text) announced.push(text);
        texts.set(element, text);
      }
    };
    read();
    announced.length = 0;
    new MutationObserver(read).observe(document, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { announced });
  });
  return () =>
    page.evaluate(() => {
      const announced = Reflect.get(window, 'announced');
      return announced.splice(0);
    });
}
