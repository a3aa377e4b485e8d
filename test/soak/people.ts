/** Three people work side by side in the demo app, with faults between them and the REST API. What a screen says must be so. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { makeRequest } from '../client/support/demo-work.ts';
import { type Seat, sit } from '../client/support/seat.ts';
import { useDemo, type Visitor, visit } from '../support/demo.ts';
import { say } from './support/crowd.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
/** How many of a hundred calls have a fault. */
const FAULTS_IN_100 = 25;
const DEEDS_PER_ROUND = 12;
/** A fetch that has failed is tried again after 30 s at the latest. */
const SETTLES_WITHIN_MS = 60_000;
/** What Chromium itself logs of faults. */
const MAY_LOG = /Failed to load resource|net::ERR_|WebSocket connection to/;

const chromium = useChromium();

interface Person extends Seat {
  readonly name: string;
  readonly visitor: Visitor;
  /** What this person may be able to do with a request in a status. */
  readonly deeds: Readonly<Record<string, readonly string[]>>;
}

const DEEDS = {
  leila: {},
  grace: { Pending: ['Send back'] },
  peter: { Pending: ['Approve', 'Reject'], Approved: ['Allocate storage', 'Issue'], Issued: ['Return'] },
} as const;

/** Where a deed leads; from there others may lead on. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  'Send back': ['Sent Back'],
  Approve: ['Approved', 'Issued', 'Returned', 'Completed'],
  Reject: ['Rejected'],
  Issue: ['Issued', 'Returned', 'Completed'],
  Return: ['Returned', 'Completed'],
};

const oneOf = <Item>(items: readonly Item[]): Item | undefined =>
  items[Math.floor(Math.random() * items.length)];

test(
  `three people see nothing that is not so during ${MINUTES} minutes of work with faults`,
  async () => {
    const demo = await useDemo();
    let isFaulty = true;
    const problems: string[] = [];
    const note = (text: string): void => {
      problems.push(text);
      say(`! ${text}`);
    };
    const people: Person[] = [];
    for (const [name, deeds] of Object.entries(DEEDS)) {
      const seat = await sit(chromium, demo.app, name, { mayLog: MAY_LOG });
      await seat.page.route(/\/api\/(?!token|demo)/, (route) => withFault(route, isFaulty));
      people.push({ ...seat, name, deeds, visitor: await visit(demo, name) });
    }
    const [leila] = people;
    if (leila === undefined) throw new Error('nobody is there');

    const end = Date.now() + MINUTES * 60_000;
    for (let round = 1; Date.now() < end; round += 1) {
      isFaulty = true;
      for (let made = 0; made < 4; made += 1) await makeRequest(leila.visitor);
      await Promise.all(people.map((person) => work(person, note)));
      isFaulty = false;
      for (const person of people) await compare(person, note);
      say(`round ${round}: ${problems.length} problems`);
    }
    expect(problems).toEqual([]);
  },
  (MINUTES + 5) * 60_000,
);

async function withFault(route: Route, isFaulty: boolean): Promise<void> {
  if (!isFaulty || Math.random() * 100 >= FAULTS_IN_100) return route.continue();
  const fault = Math.floor(Math.random() * 5);
  try {
    if (fault === 0) await route.fulfill({ status: 502, contentType: 'text/html', body: 'Bad gateway' });
    else if (fault === 1) await route.abort('connectionreset');
    else if (fault === 2) {
      await pause(Math.random() * 3000);
      await route.continue();
    } else if (fault === 3) {
      await route.fetch(); // it is done, and the answer is lost
      await route.abort('connectionreset');
    } else {
      await pause(4000); // it hangs
      await route.abort('timedout');
    }
  } catch {
    // the page has gone elsewhere
  }
}

/** Some deeds one after the other, now and then offline, and what the screen says of each. */
async function work(person: Person, note: (problem: string) => void): Promise<void> {
  const { page, name } = person;
  for (let deed = 0; deed < DEEDS_PER_ROUND; deed += 1) {
    try {
      if (Math.random() < 0.1) await goOffline(page);
      await doSomething(person, note);
    } catch (error) {
      // A row may have gone, or a button: that is work, too.
      if (!/Timeout|not attached|intercepts/.test(String(error))) note(`${name}: ${error}`);
    }
    await checkShown(person, note);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  }
}

async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await pause(1000 + Math.random() * 3000);
  await page.context().setOffline(false);
}

async function doSomething(
  { page, name, deeds, visitor }: Person,
  note: (text: string) => void,
): Promise<void> {
  const [status, labels] = oneOf(Object.entries(deeds)) ?? ['', []];
  const label = oneOf(labels);
  const screen = oneOf([
    'crates',
    'storage',
    'dashboard',
    `requests?status=${status}`,
    `requests?status=${status}`,
  ]);
  await page.goto(`${page.url().replace(/#.*/, '')}#/${screen}`);
  if (screen?.startsWith('requests') !== true) return void (await pause(500));
  const rows = page.locator('tr[data-row] [data-row-button]');
  await rows.first().waitFor({ timeout: 8000 });
  const row = rows.nth(Math.floor(Math.random() * Math.min(5, await rows.count())));
  const id = await row.innerText();
  await row.click({ timeout: 2000 });
  if (label === undefined) return;
  await page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click({ timeout: 6000 });
  const dialog = page.getByRole('dialog').filter({ has: page.getByLabel('Digital signature') });
  await dialog.getByLabel('Digital signature').fill('demo');
  const reason = dialog.getByLabel('Reason');
  if (await reason.isVisible()) await reason.fill('Which year is it?');
  const place = dialog.getByLabel('Storage place');
  if (await place.isVisible()) await place.selectOption({ index: 1 }, { timeout: 4000 });
  await dialog.getByRole('button', { name: label, exact: true }).click({ timeout: 2000 });
  const alert = dialog.getByRole('alert').filter({ hasText: /./ });
  const toast = page.locator('[data-sonner-toast]').filter({ hasText: `Request ${id}` });
  await alert.or(toast).first().waitFor({ timeout: 40_000 });
  const said = (await alert.count()) > 0 ? (await alert.allInnerTexts()).join(' ') : 'done';
  const now = (await visitor.get(`/requests/${id}/`)).body['status'];
  const isDone = DONE[label]?.includes(now) ?? true;
  say(`${name}: ${label} ${id}: ${said} (${now})`);
  if (said === 'done' && !isDone) note(`${name}: “${label} ${id}” was said to be done, and it is ${now}`);
  if (/error \(5|cannot be reached|in time/.test(said) && !/We do not know/.test(said))
    note(`${name}: of “${label} ${id}” it was said that it failed: ${said}`);
}

/** Nothing is blank, and nothing has thrown. */
async function checkShown({ page, name }: Person, note: (text: string) => void): Promise<void> {
  const text = await page.locator('body').innerText();
  if (text.length < 60 || text.includes('This cannot be shown'))
    note(`${name}: at ${page.url()} there is “${text}”`);
}

/** Once the faults are over, each screen comes back by itself and has what the REST API has. */
async function compare(
  { page, name, visitor, inPhase }: Person,
  note: (text: string) => void,
): Promise<void> {
  await page.goto(`${page.url().replace(/#.*/, '')}#/requests`);
  await page.mouse.move(5, 5);
  await inPhase('live');
  const began = Date.now();
  for (;;) {
    const { body } = await visitor.get('/requests/');
    const due: string[] = body['results'].map(
      ({ id, status }: { id: string; status: string }) => `${id} ${status}`,
    );
    const shown = await page
      .locator('tr[data-row]')
      .evaluateAll((rows) =>
        rows.map(
          (row) => `${row.getAttribute('data-row')} ${row.querySelector('td:nth-child(4)')?.textContent}`,
        ),
      );
    if (JSON.stringify(shown) === JSON.stringify(due)) break;
    const says = await page.locator('[data-phase]').innerText();
    if (Date.now() - began > SETTLES_WITHIN_MS) {
      const wrong = due.filter((row, index) => row !== shown[index]);
      return note(`${name}: “${says}”, but ${wrong.length} rows differ, such as ${wrong.slice(0, 3)}`);
    }
    await pause(250);
  }
  say(`${name}: right after ${Date.now() - began} ms`);
}
