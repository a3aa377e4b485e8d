/** What people do by hand in the app, and how the DMS shows whether it was done. */
import type { Locator, Page } from 'playwright-core';
import type { Data } from '../../support/clients.ts';
import type { Visitor } from '../../support/demo.ts';

export interface Deed {
  /** Its list, without `#/`; its first rows are worked on. */
  readonly at: string;
  /** The button that opens its dialog. */
  readonly button: string;
  /** The button that sends it; by default the same. */
  readonly submit?: RegExp;
  /** It is about no row. */
  readonly isNew?: boolean;
  fill?(dialog: Locator): Promise<void>;
  /** Whether it was done to this row: also if others have gone on with it since. `undefined`: that cannot be seen. */
  isDone?(row: Data): boolean | undefined;
}

const AFTER_APPROVAL = ['Approved', 'Issued', 'Returned', 'Completed'];
const isNow =
  (...statuses: readonly string[]) =>
  ({ status }: Data): boolean =>
    statuses.includes(status);

const giveReason = (dialog: Locator): Promise<void> => dialog.getByLabel('Reason').fill('Which year is it?');

/** One of the first free places: others are after them, too. */
async function choosePlace(dialog: Locator): Promise<void> {
  const index = 1 + Math.floor(Math.random() * 3);
  await dialog.getByLabel('Storage place').selectOption({ index }, { timeout: 4000 });
}

const SEND_BACK: Deed = {
  at: 'requests?status=Pending',
  button: 'Send back',
  fill: giveReason,
  isDone: ({ status }) => status !== 'Pending' || undefined, // it may have been corrected by now
};
const KEEPERS: readonly Deed[] = [
  { at: 'requests?status=Pending', button: 'Approve', isDone: isNow(...AFTER_APPROVAL) },
  { at: 'requests?status=Pending', button: 'Reject', fill: giveReason, isDone: isNow('Rejected') },
  {
    at: 'requests?status=Approved&type=Storage',
    button: 'Allocate storage',
    fill: choosePlace,
    isDone: ({ allocation_date: at }) => at !== null,
  },
  {
    at: 'requests?status=Approved&type=Withdrawal',
    button: 'Issue',
    isDone: ({ issue_date: at }) => at !== null,
  },
  { at: 'requests?status=Issued', button: 'Return', isDone: isNow('Returned', 'Completed') },
  { at: 'crates?status=Active', button: 'Relocate', fill: choosePlace },
  {
    at: 'storage',
    button: 'Add a rack',
    submit: /^Add \d+ places$/,
    isNew: true,
    async fill(dialog) {
      await dialog.getByLabel('Room').fill('Cellar');
      await dialog.getByLabel('Rack').fill(`Rack ${Math.floor(Math.random() * 4)}`);
      await dialog.getByLabel('Compartments').fill('1');
      await dialog.getByLabel('Shelves in each').fill('2');
    },
  },
];
const NEW_REQUEST = { at: 'requests', button: 'New request', submit: /^Send request$/, isNew: true };
const CREATORS: readonly Deed[] = [
  {
    at: 'requests?status=Sent%20Back',
    button: 'Correct',
    submit: /^Send again$/,
  },
  {
    ...NEW_REQUEST,
    async fill(dialog) {
      await dialog.getByLabel('What is asked for').selectOption('Storage');
      await dialog.getByLabel('Crate').selectOption('new');
      await dialog.getByLabel('Name').fill('Leases');
      await dialog.getByLabel('Number').fill('L-1');
    },
  },
  {
    ...NEW_REQUEST,
    async fill(dialog) {
      await dialog.getByLabel('What is asked for').selectOption('Withdrawal');
      await dialog.getByLabel('Crate').selectOption({ index: 1 }, { timeout: 4000 });
    },
  },
];

/** By role. */
export const DEEDS: Readonly<Record<string, readonly Deed[]>> = {
  'Section Head': CREATORS,
  QC: [SEND_BACK],
  'Store Head': KEEPERS,
};

/** After this time a page has said what became of it. */
const ANSWERED_WITHIN_MS = 40_000;

/** How a deed went, as the page and the DMS have it. */
export interface Outcome {
  readonly what: string;
  /** What the dialog or a toast said. */
  readonly said: string;
  readonly isSaidToBeDone: boolean;
  /** `undefined`: that cannot be seen. */
  readonly isDone: boolean | undefined;
}

/**
 * Does it to one of the first rows, as a person does.
 * @throws of what was no longer possible: a row that has gone, a button, too.
 */
export async function doByHand(page: Page, visitor: Visitor, deed: Deed): Promise<Outcome> {
  const id = deed.isNew === true ? undefined : await openRow(page);
  const kind = deed.at.startsWith('crates') ? 'crates' : 'requests';
  const opener = id === undefined ? page.getByRole('main') : page.getByRole('dialog');
  await opener.getByRole('button', { name: deed.button, exact: true }).click({ timeout: 6000 });
  const dialog = page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Cancel' }) });
  await deed.fill?.(dialog);
  const signature = dialog.getByLabel('Digital signature');
  if (await signature.isVisible()) await signature.fill('demo');
  const submit = dialog.getByRole('button', { name: deed.submit ?? deed.button, exact: true });
  await submit.click({ timeout: 2000 });
  const alert = dialog.getByRole('alert').filter({ hasText: /./ });
  const answered = { timeout: ANSWERED_WITHIN_MS };
  await Promise.race([alert.first().waitFor(answered), dialog.waitFor({ state: 'detached', ...answered })]);
  const alerts = await alert.allInnerTexts();
  const toast = page.locator('[data-sonner-toast][data-type="success"]').filter({ hasText: id ?? /./ });
  const isSaidToBeDone = alerts.length === 0 && (await toast.count()) > 0;
  return {
    what: `${deed.button} ${id ?? ''}`.trim(),
    said: isSaidToBeDone ? 'done' : alerts.join(' ') || 'closed without a word',
    isSaidToBeDone,
    isDone: id === undefined ? undefined : await isDone(deed, visitor, `/${kind}/${id}/`),
  };
}

async function isDone(deed: Deed, visitor: Visitor, path: string): Promise<boolean | undefined> {
  const { status, body } = await visitor.get(path);
  return status === 200 ? deed.isDone?.(body) : undefined; // it may be another unit's by now
}

async function openRow(page: Page): Promise<string> {
  const rows = page.locator('tr[data-row] [data-row-button]');
  await rows.first().waitFor({ timeout: 8000 });
  const row = rows.nth(Math.floor(Math.random() * Math.min(5, await rows.count())));
  const id = await row.innerText();
  await row.click({ timeout: 2000 });
  return id;
}
