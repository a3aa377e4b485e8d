/** The screens and states of the demo app of which pictures are taken. */
import type { Page } from 'playwright-core';
import { approve, makeRequest, sendBack } from '../client/support/demo-work.ts';
import type { Visitor } from '../support/demo.ts';
import { fail, longNames, neverAnswer, none, rewriteAnswers, tenThousand } from './rest-states.ts';

/** Colleagues, who do something while somebody looks. */
export interface Colleagues {
  readonly leila: Visitor;
  readonly peter: Visitor;
  readonly grace: Visitor;
  /** Lets one of them look at a request, or be about to act on it, as long as this scene is shown. */
  announce(who: 'leila' | 'peter' | 'grace', id: string, action?: string): Promise<void>;
}

export interface Scene {
  /** Of the picture. Scenes whose names begin alike stand beside each other. */
  readonly name: string;
  /** Who looks; `undefined`: nobody is signed in. */
  readonly who?: 'leila' | 'peter' | 'amara';
  /** Default: the requests. */
  readonly path?: string;
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Once it is. */
  readonly act?: (page: Page, colleagues: Colleagues) => Promise<void>;
  /** Also in these rare looks. */
  readonly looks?: readonly string[];
}

const openRow = async (page: Page, text?: string): Promise<void> => {
  const rows = page.locator('tr[data-row]').filter(text === undefined ? {} : { hasText: text });
  await rows.first().locator('[data-row-button]').click();
  await page.getByRole('dialog').waitFor();
};
const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).first().click();

async function openDeed(page: Page, name: string): Promise<void> {
  await openRow(page, 'Pending');
  await press(page, name);
  await page.getByLabel('Digital signature').waitFor();
}

const withAnswers = (rewrite: Parameters<typeof rewriteAnswers>[1]) => (page: Page) =>
  rewriteAnswers(page, rewrite);

export const SCENES: readonly Scene[] = [
  { name: 'sign-in' },
  {
    name: 'sign-in refused',
    async act(page) {
      await page.getByLabel('User name').fill('leila');
      await page.getByLabel('Password').fill('wrong');
      await press(page, 'Sign in');
      await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    },
  },
  { name: 'requests', who: 'leila' },
  { name: 'requests of an admin', who: 'amara' },
  { name: 'requests sorted', who: 'leila', path: '#/requests?ordering=status' },
  {
    name: 'requests row with the focus',
    who: 'leila',
    async act(page) {
      await page.locator('tr[data-row] [data-row-button]').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'requests row just changed',
    who: 'peter',
    async act(page, { leila, peter }) {
      const id = await makeRequest(leila);
      await page.getByRole('button', { name: id, exact: true }).waitFor();
      await approve(peter, id);
      await page
        .getByText(/just now/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'requests held for a reader',
    who: 'peter',
    path: '#/requests?status=Pending',
    async act(page, { leila, grace, peter }) {
      const [id, other] = [await makeRequest(leila), await makeRequest(leila)];
      await page.locator(`tr[data-row="${other}"]`).hover();
      await approve(peter, id);
      await sendBack(grace, other, 'Which year is it?');
      await makeRequest(leila);
      await page
        .getByText(/no longer in this list/)
        .nth(1)
        .waitFor();
      await page.getByRole('button', { name: /^\d+ new$/ }).waitFor();
    },
  },
  {
    name: 'readme requests',
    who: 'leila',
    looks: ['readme-light'],
    async act(page, colleagues) {
      const { leila, peter, grace } = colleagues;
      const [wrong, right, watched] = [
        await makeRequest(leila),
        await makeRequest(leila),
        await makeRequest(leila),
      ];
      await colleagues.announce('peter', watched, 'approve');
      await colleagues.announce('grace', watched);
      await page.locator(`tr[data-row="${watched}"] [role="img"]`).waitFor();
      await approve(peter, right);
      await sendBack(grace, wrong, 'The document numbers do not match the list.');
      await page.locator('[data-sonner-toast]').filter({ hasText: wrong }).waitFor();
    },
  },
  { name: 'readme dashboard', who: 'leila', path: '#/dashboard', looks: ['readme-dark'] },
  { name: 'requests none', who: 'leila', prepare: withAnswers(none) },
  { name: 'requests 10000', who: 'amara', prepare: withAnswers(tenThousand) },
  {
    name: 'requests 10000 the end',
    who: 'amara',
    prepare: withAnswers(tenThousand),
    act: (page) => page.getByText(/are shown/).scrollIntoViewIfNeeded(),
  },
  { name: 'requests long names', who: 'amara', prepare: withAnswers(longNames) },
  { name: 'requests failed', who: 'leila', prepare: fail },
  { name: 'requests loading', who: 'leila', prepare: neverAnswer },
  {
    name: 'requests cut off',
    who: 'leila',
    async act(page) {
      await press(page, 'Connection details');
      await press(page, 'Cut connection');
      await page.locator('[data-phase="offline"]').waitFor();
      await page.keyboard.press('Escape');
    },
  },
  {
    name: 'requests toast',
    who: 'leila',
    async act(page, { leila, grace }) {
      await sendBack(grace, await makeRequest(leila), 'Which year is it?');
      await page.locator('[data-sonner-toast]').first().waitFor();
    },
  },
  { name: 'sheet request', who: 'peter', act: (page) => openRow(page, 'Pending'), looks: ['calm-1440'] },
  {
    name: 'sheet request long names',
    who: 'peter',
    prepare: withAnswers(longNames),
    act: (page) => openRow(page),
  },
  {
    name: 'sheet request with others',
    who: 'peter',
    async act(page, colleagues) {
      const id = await makeRequest(colleagues.leila);
      await page.locator(`tr[data-row="${id}"] [data-row-button]`).click();
      await page.getByRole('dialog').waitFor();
      await colleagues.announce('grace', id, 'send-back');
      await colleagues.announce('leila', id);
      await page.getByText(/is sending this back/).waitFor();
    },
  },
  {
    name: 'requests with others',
    who: 'peter',
    async act(page, colleagues) {
      const id = await makeRequest(colleagues.leila);
      await page.locator(`tr[data-row="${id}"]`).waitFor();
      await colleagues.announce('grace', id, 'send-back');
      await colleagues.announce('leila', id);
      await page.locator(`tr[data-row="${id}"] [role="img"]`).waitFor();
    },
  },
  { name: 'sheet crate', who: 'peter', path: '#/crates', act: (page) => openRow(page) },
  { name: 'dialog approve', who: 'peter', act: (page) => openDeed(page, 'Approve'), looks: ['calm-1440'] },
  { name: 'dialog reject', who: 'peter', act: (page) => openDeed(page, 'Reject') },
  { name: 'dialog send back', who: 'amara', act: (page) => openDeed(page, 'Send back') },
  {
    name: 'dialog refused',
    who: 'peter',
    async act(page) {
      await openDeed(page, 'Approve');
      const dialog = page.getByRole('dialog', { name: /^Approve/ });
      await dialog.getByLabel('Digital signature').fill('wrong');
      await dialog.getByRole('button', { name: 'Approve' }).click();
      await dialog.getByRole('alert').filter({ hasText: /./ }).waitFor();
    },
  },
  {
    name: 'dialog new request',
    who: 'leila',
    async act(page) {
      await press(page, 'New request');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'dialog relocate',
    who: 'peter',
    path: '#/crates',
    async act(page) {
      await openRow(page, 'Active');
      await press(page, /Relocate/);
    },
  },
  { name: 'crates', who: 'leila', path: '#/crates' },
  { name: 'crates of an admin', who: 'amara', path: '#/crates' },
  { name: 'crates none', who: 'leila', path: '#/crates', prepare: withAnswers(none) },
  { name: 'crates long names', who: 'amara', path: '#/crates', prepare: withAnswers(longNames) },
  { name: 'storage', who: 'peter', path: '#/storage' },
  { name: 'storage of an admin', who: 'amara', path: '#/storage' },
  { name: 'storage none', who: 'peter', path: '#/storage', prepare: withAnswers(none) },
  { name: 'storage long names', who: 'peter', path: '#/storage', prepare: withAnswers(longNames) },
  {
    name: 'dialog rack',
    who: 'peter',
    path: '#/storage',
    async act(page) {
      await press(page, 'Add a rack');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'audit', who: 'amara', path: '#/audit' },
  { name: 'audit none', who: 'amara', path: '#/audit', prepare: withAnswers(none) },
  { name: 'audit long names', who: 'amara', path: '#/audit', prepare: withAnswers(longNames) },
  {
    name: 'audit entry',
    who: 'amara',
    path: '#/audit',
    async act(page) {
      await page.locator('tr[data-row] [data-row-button]').nth(3).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'audit entry further down',
    who: 'amara',
    path: '#/audit',
    async act(page) {
      await page.locator('tr[data-row] [data-row-button]').nth(40).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'audit filtered',
    who: 'amara',
    path: '#/audit?search=Approved',
    async act(page) {
      const more = page.getByRole('button', { name: /^Filters/ });
      if (await more.isVisible()) await more.click();
    },
  },
  { name: 'dashboard', who: 'leila', path: '#/dashboard' },
  { name: 'dashboard of an admin', who: 'amara', path: '#/dashboard' },
  { name: 'dashboard zeros', who: 'leila', path: '#/dashboard', prepare: withAnswers(none) },
  { name: 'dashboard failed', who: 'leila', path: '#/dashboard', prepare: fail },
  { name: 'dashboard long names', who: 'leila', path: '#/dashboard', prepare: withAnswers(longNames) },
  {
    name: 'menu account',
    who: 'leila',
    async act(page) {
      await press(page, /Account menu/);
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'inbox',
    who: 'leila',
    async act(page, { leila, grace }) {
      await sendBack(grace, await makeRequest(leila), 'Which year is it?');
      await page.getByRole('button', { name: /^Inbox/ }).click();
      await page.getByRole('dialog', { name: 'Inbox' }).getByText('Which year is it?').first().waitFor();
    },
  },
  {
    name: 'inbox after an absence',
    who: 'leila',
    async act(page) {
      await page.evaluate(() => {
        for (const place of Object.keys(localStorage))
          if (place.startsWith('dms-live:seen:')) localStorage.setItem(place, `${Date.now() - 3_600_000}`);
      });
      await page.reload();
      await page.getByRole('button', { name: /^While you were away/ }).waitFor();
    },
  },
  {
    name: 'menu connection',
    who: 'leila',
    async act(page) {
      await press(page, 'Connection details');
      await page.getByRole('dialog', { name: 'Connection' }).waitFor();
    },
  },
];
