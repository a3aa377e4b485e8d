/**
 * Three people work side by side in the demo app, with faults between them and the REST API, and what they may do changes meanwhile.
 * What a screen says must be so: at once while it says “Live”, and in the end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { type Seat, sit } from '../client/support/seat.ts';
import { type DjangoOffice, useDjangoOffice } from '../django/support/office.ts';
import { firstOf, type Visitor, visit } from '../support/demo.ts';
import { say } from './support/crowd.ts';
import { DEEDS, doByHand } from './support/deeds.ts';
import { addFaults, type Faults, goOffline } from './support/faulty-api.ts';
import { liesWhileLive, saysLive, untilTrue, VIEWS } from './support/truth.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const DEEDS_PER_ROUND = 10;
/** A fetch that has failed is tried again after 30 s at the latest. */
const SETTLES_WITHIN_MS = 60_000;
/** What Chromium itself logs of faults. */
const MAY_LOG = /Failed to load resource|net::ERR_|WebSocket connection to/;

const chromium = useChromium();

interface Person extends Seat {
  readonly name: string;
  role: string;
  visitor: Visitor;
}

const PEOPLE = { leila: 'Section Head', grace: 'QC', peter: 'Store Head' };
/** What Grace is, one after the other. */
const ROLES = ['QC', 'Store Head'];

type Note = (problem: string) => void;

const oneOf = <Item>(items: readonly Item[]): Item | undefined =>
  items[Math.floor(Math.random() * items.length)];

test(
  `three people see nothing that is not so during ${MINUTES} minutes of work with faults`,
  async () => {
    const office = await useDjangoOffice();
    const faults: Faults = { isOn: true };
    const problems: string[] = [];
    const note: Note = (text) => {
      problems.push(text);
      say(`! ${text}`);
    };
    const people: Person[] = [];
    for (const [name, role] of Object.entries(PEOPLE)) {
      const seat = await sit(chromium, office.app, name, { mayLog: MAY_LOG });
      await addFaults(seat.page, faults);
      people.push({ ...seat, name, role, visitor: await visit(office, name) });
    }

    const end = Date.now() + MINUTES * 60_000;
    for (let round = 1; Date.now() < end; round += 1) {
      faults.isOn = true;
      const admin = await visit(office, 'amara'); // a token is good for a quarter of an hour
      for (const person of people) person.visitor = await visit(office, person.name);
      await Promise.all([
        ...people.map((person) => work(person, note)),
        changeWhatIsThere(admin),
        changeRole(office, people[1], ROLES[round % ROLES.length] ?? 'QC', note),
      ]);
      faults.isOn = false;
      for (const person of people) await compare(person, note);
      say(`round ${round}: ${problems.length} problems`);
    }
    expect(problems).toEqual([]);
  },
  (MINUTES + 5) * 60_000,
);

/** Some deeds one after the other, now and then offline, and what the screen says of each. */
async function work(person: Person, note: Note): Promise<void> {
  const { page, name } = person;
  for (let count = 0; count < DEEDS_PER_ROUND; count += 1) {
    try {
      if (Math.random() < 0.1) await goOffline(page);
      await doSomething(person, note);
    } catch (error) {
      // A row may have gone, a button, or the whole page with the role: that is work, too.
      if (!/Timeout|not attached|detached|did not find|intercepts/.test(String(error)))
        note(`${name}: ${error}`);
    }
    await checkShown(person, note);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await lookAround(person, note);
  }
}

async function doSomething({ page, name, role, visitor }: Person, note: Note): Promise<void> {
  const deed = oneOf(DEEDS[role] ?? []);
  if (deed === undefined) return;
  await goTo(page, deed.at);
  const { what, said, isSaidToBeDone, isDone } = await doByHand(page, visitor, deed);
  say(`${name}: ${what}: ${said}`);
  if (isSaidToBeDone && isDone === false) note(`${name}: “${what}” was said to be done, and it is not`);
  if (/error \(5|cannot be reached|in time/.test(said) && !/We do not know/.test(said))
    note(`${name}: of “${what}” it was said that it failed: ${said}`);
}

async function goTo(page: Person['page'], address: string): Promise<void> {
  await page.goto(`${page.url().replace(/#.*/, '')}#/${address}`);
}

/** Looks at a screen: while that says “Live”, it is true. */
async function lookAround(person: Person, note: Note): Promise<void> {
  const view = oneOf(VIEWS);
  if (view === undefined) return;
  await goTo(person.page, view.address);
  await person.page.mouse.move(5, 5);
  await pause(500);
  const lies = await liesWhileLive(view, person);
  if (lies.length > 0)
    note(`${person.name}: ${view.address} says “Live”, but ${lies.slice(0, 4).join('; ')}`);
}

/** Nothing is blank, and nothing has thrown. */
async function checkShown({ page, name }: Person, note: Note): Promise<void> {
  const text = await page.locator('body').innerText();
  if (text.length < 60 || text.includes('This cannot be shown'))
    note(`${name}: at ${page.url()} there is “${text}”`);
}

/** A System Admin moves crates to the other unit and back, and removes and makes places. */
async function changeWhatIsThere(admin: Visitor): Promise<void> {
  for (let count = 0; count < DEEDS_PER_ROUND; count += 1) {
    const unit = oneOf(['1', '2']) ?? '1';
    const crates = (await admin.get(`/crates/?status=Active&unit=${unit}`)).body['results'];
    const crate = oneOf<{ id: number }>(crates.slice(0, 6));
    if (crate !== undefined) await admin.put(`/crates/${crate.id}/`, { unit_id: unit === '1' ? 2 : 1 });
    await pause(1500);
    const { id } = await firstOf(admin, '/storage/?unit=1');
    await admin.remove(`/storage/${id}/`); // refused if a crate stands there
    await pause(1500);
    const place = { room_name: 'Cellar', rack_name: 'Rack 9', compartment_name: 'C', unit_id: 1 };
    await admin.post('/storage/', { ...place, shelf_name: `S${Math.floor(Math.random() * 1000)}` });
    await pause(1500);
  }
}

/** The page says the new role by itself, and offers what it allows. */
async function changeRole(
  office: DjangoOffice,
  person: Person | undefined,
  role: string,
  note: Note,
): Promise<void> {
  if (person === undefined || person.role === role) return;
  await pause(5000 + Math.random() * 10_000);
  await office.changeUser(person.name, '--role', role);
  await pause(1100); // a token of the same second is refused
  person.visitor = await visit(office, person.name);
  person.role = role;
  say(`${person.name} is ${role} now`);
  const began = Date.now();
  const menu = person.page.getByRole('button', { name: /Account menu/ });
  await menu
    .filter({ hasText: role })
    .waitFor({ timeout: SETTLES_WITHIN_MS })
    .then(() => say(`${person.name}: the page knows after ${Date.now() - began} ms`))
    .catch(() => note(`${person.name}: ${role} for a minute, and the page does not say so`));
}

/** Once the faults are over, each screen comes back by itself and has what the REST API has. */
async function compare(person: Person, note: Note): Promise<void> {
  const { page, name, inPhase } = person;
  for (const view of VIEWS) {
    await goTo(page, view.address);
    await page.mouse.move(5, 5);
    await inPhase('live');
    const { ms, wrong } = await untilTrue(view, person, SETTLES_WITHIN_MS);
    if (wrong.length > 0) {
      const says = (await saysLive(page)) ? 'Live' : 'not live';
      note(
        `${name}: at ${view.address}, “${says}”, ${wrong.length} lines differ: ${wrong.slice(0, 4).join('; ')}`,
      );
    } else say(`${name}: ${view.address} right after ${ms} ms`);
  }
}
