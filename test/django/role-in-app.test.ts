import { expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { makeRequest } from '../client/support/demo-work.ts';
import { sit } from '../client/support/seat.ts';
import { visit } from '../support/demo.ts';
import { useDjangoOffice } from './support/office.ts';

const chromium = useChromium();
/** A call with the token of before is refused, and repeated with a new one. */
const MAY_LOG = /status of 40[134]/;

test('a page whose user gets another role or unit begins again by itself: it says so, offers what is allowed now, and keeps nothing of before', async () => {
  const office = await useDjangoOffice();
  const id = await makeRequest(await visit(office, 'leila'));
  const path = `/#/requests?status=Pending&open=${id}`;
  const { page, row, toast, goTo } = await sit(chromium, office.app, 'grace', { path, mayLog: MAY_LOG });
  const sheet = page.getByRole('dialog', { name: `Request ${id}` });
  await sheet.getByRole('button', { name: 'Send back' }).waitFor();
  expect(await sheet.getByRole('button', { name: 'Approve' }).count()).toBe(0);

  await office.changeUser('grace', '--role', 'Store Head');
  await toast('You are now Store Head of unit 1').getByText('Before: QC of unit 1').waitFor();
  await sheet.getByRole('button', { name: 'Approve' }).waitFor();
  expect(await sheet.getByRole('button', { name: 'Send back' }).count()).toBe(0);
  await page
    .getByRole('button', { name: /Account menu/ })
    .getByText('Store Head')
    .waitFor();

  await office.changeUser('grace', '--unit', '2');
  await toast('You are now Store Head of unit 2').waitFor();
  await sheet.getByText(/not there|does not exist|no longer/).waitFor();
  await goTo('Requests');
  expect(await row(id).count()).toBe(0);
});
