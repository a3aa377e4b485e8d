import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useFeed } from '../client/support/feed.ts';
import { watchHeap } from '../client/support/heap.ts';
import { sit } from '../client/support/seat.ts';
import { say } from './support/crowd.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const EVENTS_PER_SECOND = 20;
/** The page shows another screen after this time, and then returns. */
const SECONDS_PER_SCREEN = 15;
const SCREENS = ['Crates', 'Dashboard', 'Storage', 'Requests'] as const;
/** How much the memory of the page may grow after the first rounds of screens, in bytes. */
const MOST_GROWTH_BYTES = 2_000_000;

const chromium = useChromium();

test(
  `the memory of a page of the demo app does not grow during ${MINUTES} minutes of events`,
  async () => {
    const { demo, change } = await useFeed();
    const seat = await sit(chromium, demo.app, 'leila');
    const heap = await watchHeap(seat.page);

    async function round(): Promise<number> {
      for (const screen of SCREENS) {
        await seat.goTo(screen);
        for (let second = 0; second < SECONDS_PER_SCREEN; second += 1) {
          await change(EVENTS_PER_SECOND, seat);
          await pause(1000);
        }
      }
      await seat.quiet();
      return heap.used();
    }

    const end = Date.now() + MINUTES * 60_000;
    await round(); // after this round every screen has been open, and the caches are full
    const first = await round();
    let last = first;
    while (Date.now() < end) {
      last = await round();
      say(`${(last / 1e6).toFixed(2)} MB in use, ${((last - first) / 1e3).toFixed(0)} kB more than at first`);
    }
    expect(last - first).toBeLessThan(MOST_GROWTH_BYTES);
  },
  (MINUTES + 5) * 60_000,
);
