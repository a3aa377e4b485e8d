import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useDemo } from '../support/demo.ts';
import { until } from '../support/redis.ts';
import { useFeed } from './support/feed.ts';
import { watchHeap } from './support/heap.ts';
import { sit } from './support/seat.ts';
import { scrollsSideways } from './support/sideways.ts';

const chromium = useChromium();

/** The React package's promise: refetches wait until events stop, but no longer than this. */
const LONGEST_GATHERING_MS = 1000;
/** For 1000 events, whose memory must be freed: less than 200 bytes per event. */
const MOST_GROWTH_BYTES = 200_000;

describe('Under many events the demo app', () => {
  test('fetches its list once for 500 new requests', async () => {
    const { demo, create } = await useFeed();
    const seat = await sit(chromium, demo.app, 'leila');
    const startedAt = Date.now();
    await create(500, seat);
    await until(() => seat.asked.length > 0);
    await seat.quiet();
    const mostRefetches = 1 + Math.floor((Date.now() - startedAt) / LONGEST_GATHERING_MS);
    expect(new Set(seat.asked)).toEqual(new Set(['GET /api/requests/']));
    expect(seat.asked.length).toBeLessThanOrEqual(mostRefetches);
  });

  test('fetches nothing if the events have all data, and its memory does not grow', async () => {
    const { demo, change } = await useFeed();
    const seat = await sit(chromium, demo.app, 'leila');
    const heap = await watchHeap(seat.page);
    await change(1000, seat); // after this the caches have their full size
    const used = [await heap.used()];
    for (let round = 0; round < 3; round += 1) {
      await change(1000, seat);
      used.push(await heap.used());
    }
    // What the browser itself makes once, such as compiled code, is in one round. What events do not free is in each.
    const growths = used.slice(1).map((bytes, round) => bytes - (used[round] ?? 0));
    expect(Math.min(...growths)).toBeLessThan(MOST_GROWTH_BYTES);
    expect(seat.asked).toEqual([]);
  });
});

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Waits for animations that fade, such as a changed row or a dialog that opens. Endless animations are not waited for. */
const UNTIL_STILL = `(async () => {
  const moving = () => document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
  for (let all = moving(); all.length > 0; all = moving()) await Promise.allSettled(all.map(({ finished }) => finished));
})()`;
/** The hundredth row looks like the tenth. The two themes differ only in their colours. */
const RUN_AXE = {
  light: "axe.run({ exclude: ['tr:nth-child(n + 11)', 'tbody ~ tbody'] }, { resultTypes: ['violations'] })",
  dark: "axe.run({ exclude: ['tr:nth-child(n + 11)', 'tbody ~ tbody'] }, { runOnly: ['color-contrast'] })",
};
type Theme = keyof typeof RUN_AXE;

/** The serious and critical faults that axe finds: the rule and the element. */
async function faultsOf(page: Page, theme: Theme, where: string): Promise<string[]> {
  await page.evaluate(`${AXE}; ${UNTIL_STILL}`);
  const { violations } = (await page.evaluate(RUN_AXE[theme])) as AxeResults; // as axe's documentation says
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${where}: ${id} at ${target.join(' ')}`));
}

/** What is too wide for a phone: a screen that scrolls sideways, a row whose status is not whole. */
async function narrowFaultsOf(page: Page, where: string): Promise<string[]> {
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ ...size, width: 390 });
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  const isWide = await scrollsSideways(page);
  const cut = await page
    .locator('td:last-child:not(:first-child)')
    .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
  await page.setViewportSize(size);
  return [
    ...(isWide ? [`${where} scrolls sideways`] : []),
    ...(cut > 0 ? [`${where}: ${cut} cut cells`] : []),
  ];
}

/** A screen of which only what fits into the window would be printed. */
async function paperFaultsOf(page: Page, where: string): Promise<string[]> {
  await page.emulateMedia({ media: 'print' });
  const isCut = await page
    .locator('main section')
    .first()
    .evaluate(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight);
  await page.emulateMedia({ media: null });
  return isCut ? [`${where} is cut on paper`] : [];
}

/** Axe takes long, and the machine may be busy. */
const MANY_SCREENS_MS = 90_000;

test.each(['light', 'dark'] as const)(
  'the demo app’s %s theme has no serious accessibility fault on any screen',
  async (colorScheme) => {
    const demo = await useDemo();
    const signIn = await chromium.open(demo.app.url, '/', { colorScheme });
    await signIn.getByRole('button', { name: 'Amara Okafor' }).waitFor();
    const faults = await faultsOf(signIn, colorScheme, 'Sign-in');

    const seat = await sit(chromium, demo.app, 'amara', { colorScheme });
    const { page } = seat;
    for (const screen of ['Dashboard', 'Audit', 'Storage', 'Crates', 'Requests'] as const) {
      await seat.goTo(screen);
      await seat.quiet();
      faults.push(...(await faultsOf(page, colorScheme, screen)));
      if (colorScheme === 'light') faults.push(...(await narrowFaultsOf(page, screen)));
      if (colorScheme === 'light') faults.push(...(await paperFaultsOf(page, screen)));
    }
    await page.getByRole('row').filter({ hasText: 'Pending' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    faults.push(...(await faultsOf(page, colorScheme, 'One request')));
    await page.getByRole('button', { name: 'Send back' }).click();
    await page.getByLabel('Digital signature').waitFor();
    faults.push(...(await faultsOf(page, colorScheme, 'Signing')));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Connection details' }).click();
    await page.getByRole('button', { name: 'Cut connection' }).click();
    await seat.inPhase('offline');
    faults.push(...(await faultsOf(page, colorScheme, 'Cut off')));
    expect(faults).toEqual([]);
  },
  MANY_SCREENS_MS,
);
