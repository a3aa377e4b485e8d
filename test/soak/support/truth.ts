/** What each screen shows, and what the DMS says at the same time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { CrateRow, RequestRow, StorageRow } from '../../../demo/app/src/api/rows.ts';
import { describePlace } from '../../../demo/app/src/words/things.ts';
import type { Data } from '../../support/clients.ts';
import type { Visitor } from '../../support/demo.ts';

/** A view of which every line can be compared. */
interface View {
  /** Its address, without `#/`. */
  readonly address: string;
  shown(page: Page): Promise<string[]>;
  due(visitor: Visitor): Promise<string[]>;
}

const listOf = async <Row>(visitor: Visitor, path: string): Promise<readonly Row[]> => {
  const { status, body } = await visitor.get(path);
  if (status !== 200) throw new Error(`${path} answers ${status}`);
  return body['results'];
};

/** The texts of some cells of each row, or the title in it that says all. */
const cellsOf = (page: Page, columns: readonly number[]): Promise<string[]> =>
  page.locator('tr[data-row]').evaluateAll(
    (rows, wanted) =>
      rows.map((row) => {
        const cells = wanted.map((column) => {
          const cell = row.querySelector(`td:nth-child(${column})`);
          return cell?.querySelector('[title]')?.getAttribute('title') ?? cell?.textContent ?? '';
        });
        return [row.getAttribute('data-row'), ...cells].join(' | ');
      }),
    columns,
  );

const NOTHING = '–';

const REQUESTS: View = {
  address: 'requests',
  shown: (page) => cellsOf(page, [2, 4]),
  due: async (visitor) =>
    (await listOf<RequestRow>(visitor, '/requests/')).map(
      ({ id, request_type, status }) => `${id} | ${request_type} | ${status}`,
    ),
};

const CRATES: View = {
  address: 'crates',
  shown: (page) => cellsOf(page, [2, 3]),
  due: async (visitor) =>
    (await listOf<CrateRow>(visitor, '/crates/')).map(
      ({ id, status, storage }) =>
        `${id} | ${status} | ${storage === null ? NOTHING : describePlace(storage)}`,
    ),
};

const STORAGE: View = {
  address: 'storage',
  shown: async (page) =>
    (
      await page
        .locator('main dl li')
        .evaluateAll((shelves) =>
          shelves.map(
            (shelf) => (shelf.querySelector('a') ?? shelf).getAttribute('title') ?? 'without words',
          ),
        )
    ).toSorted(),
  async due(visitor) {
    const [places, crates] = [
      await listOf<StorageRow>(visitor, '/storage/'),
      await listOf<CrateRow>(visitor, '/crates/'),
    ];
    return places
      .map((place) => {
        const here = crates.filter(({ storage }) => storage?.id === place.id).map(({ id }) => id);
        return `${describePlace(place)}: ${here.length === 0 ? 'free' : `crate ${here.join(', ')}`}`;
      })
      .toSorted();
  },
};

const FIGURES: Readonly<Record<string, (kpis: Data) => unknown>> = {
  'Waiting for approval': (kpis) => countIn(kpis, 'Pending'),
  'Approved, to be carried out': (kpis) => countIn(kpis, 'Approved'),
  'Sent back for correction': (kpis) => countIn(kpis, 'Sent Back'),
  'Overdue withdrawals': (kpis) => kpis['overdue_withdrawals'],
};

const countIn = (kpis: Data, status: string): unknown =>
  kpis['requests_by_status'].find((one: { status: string }) => one.status === status)?.count ?? 0;

const DASHBOARD: View = {
  address: 'dashboard',
  shown: async (page) =>
    (
      await page
        .getByRole('list', { name: 'What waits' })
        .locator('a')
        .evaluateAll((cards) =>
          cards.map((card) => `${card.firstElementChild?.textContent}: ${card.children[1]?.textContent}`),
        )
    )
      .filter((line) => Object.keys(FIGURES).some((name) => line.startsWith(name)))
      .toSorted(),
  async due(visitor) {
    const { body } = await visitor.get('/dashboard/kpis/');
    return Object.entries(FIGURES)
      .map(([name, read]) => `${name}: ${read(body)}`)
      .toSorted();
  },
};

export const VIEWS: readonly View[] = [REQUESTS, CRATES, STORAGE, DASHBOARD];

/** Whether the page says that what it shows is as of now. */
export async function saysLive(page: Page): Promise<boolean> {
  const says = page.locator('[data-phase]');
  if ((await says.count()) === 0) return false;
  const [phase, freshness, text] = await Promise.all([
    says.getAttribute('data-phase'),
    says.getAttribute('data-freshness'),
    says.innerText(),
  ]);
  return phase === 'live' && freshness !== 'updating' && text.trim() === 'Live';
}

/** A row that is held in its place while somebody reads says so. */
const MARKED_AS_GONE = /no longer in this list|: no longer there$/;

/** @returns what differs, a line for each difference; empty: nothing does. */
async function differences(view: View, page: Page, visitor: Visitor): Promise<string[]> {
  const shown = await view.shown(page);
  const due = await view.due(visitor);
  if (JSON.stringify(shown) === JSON.stringify(due)) return [];
  const missing = due.filter((line) => !shown.includes(line)).map((line) => `is “${line}”`);
  const wrong = shown
    .filter((line) => !due.includes(line) && !MARKED_AS_GONE.test(line))
    .map((line) => `shown “${line}”`);
  const isHeld = missing.length > 0 || shown.some((line) => MARKED_AS_GONE.test(line));
  if (wrong.length === 0 && isHeld && missing.length === (await waitingIn(page))) return [];
  const all = [...missing, ...wrong];
  return all.length === 0 ? ['the order of the rows'] : all;
}

/** Rows that wait while somebody reads: a pill says how many they are. */
async function waitingIn(page: Page): Promise<number> {
  const pill = page.getByRole('button', { name: /^\d+ new$/ });
  return (await pill.count()) === 0 ? 0 : Number.parseInt(await pill.innerText(), 10);
}

interface Watched {
  readonly page: Page;
  readonly visitor: Visitor;
}

/** An event takes a moment, and so does what is fetched for it. */
const TRUE_WITHIN_MS = 10_000;

/**
 * While a page says “Live”, it shows what is so: at the latest after ten seconds, for as long as it says so.
 * @returns what was wrong all that time.
 */
export async function liesWhileLive(view: View, { page, visitor }: Watched): Promise<string[]> {
  const began = Date.now();
  let wrong: string[] = [];
  while (Date.now() - began < TRUE_WITHIN_MS) {
    if (!(await saysLive(page))) return [];
    wrong = await differences(view, page, visitor);
    if (wrong.length === 0) return [];
    await pause(300);
  }
  return wrong;
}

/** @returns how long it took until the screen had it, or what was still wrong in the end. */
export async function untilTrue(
  view: View,
  { page, visitor }: Watched,
  withinMs: number,
): Promise<{ readonly ms: number; readonly wrong: readonly string[] }> {
  const began = Date.now();
  for (;;) {
    const wrong = await differences(view, page, visitor);
    const ms = Date.now() - began;
    if (wrong.length === 0 || ms > withinMs) return { ms, wrong };
    await pause(250);
  }
}
