/** Faults between a page and the REST API, as networks and proxies have them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page, Route } from 'playwright-core';

/** How many of a hundred calls have a fault. */
const FAULTS_IN_100 = 25;

export interface Faults {
  isOn: boolean;
}

/** A call has one of these faults now and then: 502, cut, slow, done but not answered, or no answer at all. */
export async function addFaults(page: Page, faults: Faults): Promise<void> {
  await page.route(/\/api\/(?!token|demo)/, async (route) => {
    if (!faults.isOn || Math.random() * 100 >= FAULTS_IN_100) return route.continue();
    // The page may have gone elsewhere.
    await breakCall(route).catch(() => undefined);
  });
}

async function breakCall(route: Route): Promise<void> {
  switch (Math.floor(Math.random() * 5)) {
    case 0:
      return route.fulfill({ status: 502, contentType: 'text/html', body: 'Bad gateway' });
    case 1:
      return route.abort('connectionreset');
    case 2:
      await pause(Math.random() * 3000);
      return route.continue();
    case 3:
      await route.fetch(); // it is done, and the answer is lost
      return route.abort('connectionreset');
    default:
      await pause(4000);
      return route.abort('timedout');
  }
}

export async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await pause(1000 + Math.random() * 3000);
  await page.context().setOffline(false);
}
