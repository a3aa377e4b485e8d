/** The sign-in, and the screens and states of requests. */
import { approve, makeRequest, sendBack } from '../client/support/demo-work.ts';
import { fail, longNames, neverAnswer, none, tenThousand } from './rest-states.ts';
import { openDeed, openRow, press, type Scene, withAnswers } from './scene.ts';

export const REQUEST_SCENES: readonly Scene[] = [
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
      await page.locator(`tr[data-row="${id}"]`).getByText('Approved by Peter Osei').waitFor();
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
];
