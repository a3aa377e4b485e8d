/**
 * How soon the page of a thousand rows shows an event, and whether it stays responsive. On a busy machine the times are worse; what an
 * event costs is measured by the processor's time of the page's main thread. `ROWS=10000` measures a longer table.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useFeed } from '../client/support/feed.ts';
import { type Seat, sit } from '../client/support/seat.ts';

const ROWS = Number(process.env['ROWS'] ?? 1000);
const EVENTS = 100;
const chromium = useChromium();

/** What the page itself measures, in milliseconds. */
interface Measured {
  /** From the message to the picture after the change that it made. */
  shownAfter: number[];
  /** How long it could not answer, each time: tasks of 50 ms and more. */
  blocked: number[];
}

declare global {
  interface Window {
    measured: Measured;
  }
}

/** Notes for each row when the first event comes that it does not show, and the first picture after it has changed. */
function measure(): void {
  window.measured = { shownAfter: [], blocked: [] };
  const receivedAt = new Map<string, number>();
  let changed: number[] = [];
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        if (!String(data).includes('requestUpdated')) return;
        const id = JSON.parse(data).payload?.data?.requestUpdated?.request.id;
        if (!receivedAt.has(id)) receivedAt.set(id, performance.now());
      });
    }
  };
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.measured.blocked.push(duration);
  });
  tasks.observe({ entryTypes: ['longtask'] });
  function whenPainted(): void {
    const shown = changed;
    changed = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const now = performance.now();
      for (const at of shown) window.measured.shownAfter.push(now - at);
    };
    port2.postMessage(null);
  }
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver((mutations) => {
      const before = changed.length;
      for (const { target } of mutations) {
        const element = target instanceof Element ? target : target.parentElement;
        const id = element?.closest('tr[data-row]')?.getAttribute('data-row') ?? '';
        const at = receivedAt.get(id);
        if (at !== undefined) changed.push(at);
        receivedAt.delete(id);
      }
      if (before === 0 && changed.length > 0) requestAnimationFrame(whenPainted);
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

async function measuredBy(page: Page): Promise<Measured> {
  return page.evaluate(() => {
    const before = window.measured;
    window.measured = { shownAfter: [], blocked: [] };
    return before;
  });
}

/** @returns how the page's time since then was spent, divided by the number of events. */
async function watchTime(page: Page): Promise<(events: number) => Promise<string>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  return async (events) => {
    const after = await read();
    return ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration', 'TaskDuration']
      .map((name) => {
        const seconds = (after.get(name) ?? 0) - (before.get(name) ?? 0);
        return `${name} ${((seconds * 1000) / events).toFixed(1)} ms`;
      })
      .join(', ');
  };
}

function say(what: string, seat: Seat, { shownAfter, blocked }: Measured): void {
  const sorted = shownAfter.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  process.stdout.write(
    `${ROWS} rows, ${what}: ${sorted.length} changes of rows, shown after ${at(0.5)} ms (p50), ${at(0.95)} ms (p95); ` +
      `${blocked.length} long tasks, the longest ${Math.max(0, ...blocked).toFixed(0)} ms; ${seat.asked.length} fetches\n`,
  );
}

test('an event on a table of many rows', async () => {
  const { demo, change } = await useFeed();
  const seat = await sit(chromium, demo.app, 'leila', {
    prepare: async (page) => {
      await page.addInitScript(measure);
      await page.route('**/api/requests/?**', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: fill(await response.json()) });
      });
      await page.route('**/api/requests/', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: fill(await response.json()) });
      });
    },
  });
  await seat.page
    .locator('tr[data-row]')
    .nth(ROWS - 1)
    .waitFor();
  const spent = await watchTime(seat.page);
  await measuredBy(seat.page);
  for (let event = 0; event < EVENTS; event += 1) {
    await change(1, seat);
    await pause(100);
  }
  say('10 events/s', seat, await measuredBy(seat.page));
  process.stdout.write(`for each of these events: ${await spent(EVENTS)}\n`);
  for (let round = 0; round < 50; round += 1) {
    await Promise.all([change(10, seat), pause(50)]);
  }
  say('a storm of 200 events/s', seat, await measuredBy(seat.page));
  for (let burst = 0; burst < 5; burst += 1) {
    await Promise.all([change(200, seat), pause(1000)]);
  }
  say('bursts of 200 events at once', seat, await measuredBy(seat.page));
});

interface List {
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

/** The demo forgets what is finished: rows that it never had make up a thousand, below those that change in sight. */
function fill(list: List): unknown {
  const more = Array.from({ length: ROWS - list.results.length }, (_, index) => ({
    ...list.results[index % list.results.length],
    id: String(-1 - index),
  }));
  const results = [...list.results, ...more].toSorted(
    (one, other) => Number(other['id']) - Number(one['id']),
  );
  return { ...list, count: results.length, results };
}
