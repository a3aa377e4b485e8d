/** What people see while others work, and while something is amiss. */
import type { Locator, Page } from 'playwright-core';
import { approve, makeRequest, newPlace, sendBack } from '../client/support/demo-work.ts';
import { failWrites, neverAnswer } from './rest-states.ts';
import { openRow, press, type Scene } from './scene.ts';

const cutOff = async (page: Page): Promise<void> => {
  await press(page, 'Connection details');
  await press(page, 'Cut connection');
  await page.locator('[data-phase="offline"]').waitFor();
  await page.keyboard.press('Escape');
};

/** Moves the pointer over an element: one that only rests counts for nothing. */
async function pointAt(element: Locator): Promise<void> {
  for (const x of [10, 20, 30]) await element.hover({ position: { x, y: 10 } });
}

const failing =
  (path: string) =>
  async (page: Page): Promise<void> => {
    await page.route(path, (route) => route.fulfill({ status: 502 }));
  };

/** Opens a deed of a certain request. */
async function openDeedOf(page: Page, id: string, deed: string): Promise<void> {
  await page.locator(`tr[data-row="${id}"] [data-row-button]`).click();
  await press(page, deed);
  await page.getByLabel('Digital signature').waitFor();
}

async function sign(page: Page, deed: string): Promise<void> {
  const dialog = page.getByRole('dialog').filter({ has: page.getByLabel('Digital signature') });
  await dialog.getByLabel('Digital signature').fill('demo');
  await dialog.getByRole('button', { name: deed, exact: true }).click();
  await dialog.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
}

export const MEANWHILE_SCENES: readonly Scene[] = [
  {
    name: 'requests slow',
    who: 'leila',
    prepare: neverAnswer,
    act: (page) => page.getByText('The server is slow').waitFor(),
  },
  {
    name: 'requests held',
    who: 'amara',
    path: '#/requests?status=Pending',
    async act(page, { leila, peter }) {
      const id = await makeRequest(leila);
      const row = page.locator(`tr[data-row="${id}"]`);
      await pointAt(row);
      await approve(peter, id);
      await makeRequest(leila);
      await makeRequest(leila);
      await page.getByRole('button', { name: '2 new' }).waitFor();
    },
  },
  {
    name: 'requests old',
    who: 'amara',
    path: '#/requests?status=Pending',
    async act(page, { leila }) {
      await failing('**/api/requests/**')(page);
      await makeRequest(leila);
      await page.getByText(/Not up to date/).waitFor();
    },
  },
  {
    name: 'requests offline',
    who: 'amara',
    async act(page) {
      await page.context().setOffline(true);
      await page.getByText(/You are offline/).waitFor();
    },
  },
  {
    name: 'requests numbers failed',
    who: 'amara',
    path: '#/requests?type=Storage',
    prepare: failing('**/requests/counts/**'),
    act: (page) => page.getByText(/The numbers of each status could not be loaded/).waitFor(),
  },
  {
    name: 'audit choices failed',
    who: 'amara',
    path: '#/audit',
    prepare: failing('**/audit/choices/**'),
    act: (page) => page.getByText(/The choices of the filters could not be loaded/).waitFor(),
  },
  {
    name: 'dialog approved meanwhile',
    who: 'amara',
    async act(page, { leila, peter }) {
      const id = await makeRequest(leila);
      await openDeedOf(page, id, 'Approve');
      await approve(peter, id);
      await page.getByText(/can no longer be approved/).waitFor();
    },
  },
  {
    name: 'dialog conflict',
    who: 'amara',
    async act(page, { leila, peter }) {
      const id = await makeRequest(leila);
      await page.locator(`tr[data-row="${id}"]`).waitFor();
      await cutOff(page);
      await openDeedOf(page, id, 'Approve');
      await approve(peter, id);
      await sign(page, 'Approve');
    },
  },
  {
    name: 'dialog outcome unknown',
    who: 'amara',
    async act(page, { leila }) {
      await openDeedOf(page, await makeRequest(leila), 'Approve');
      await failWrites(page);
      await sign(page, 'Approve');
    },
  },
  {
    name: 'dialog crate moved meanwhile',
    who: 'amara',
    async act(page, colleagues) {
      const place = await newPlace(colleagues.amara);
      const id = await makeRequest(colleagues.leila);
      await openDeedOf(page, id, 'Approve');
      const { body } = await colleagues.peter.get(`/requests/${id}/`);
      await colleagues.peter.post(`/crates/${body['crate'].id}/relocate/`, {
        storage: place,
        signature: 'demo',
      });
      await page
        .getByText(/Relocated by Peter Osei/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'dialog correct',
    who: 'leila',
    async act(page, { leila, grace }) {
      const id = await makeRequest(leila);
      await sendBack(grace, id, 'The document numbers do not match the list. Please compare them.');
      await page.locator(`tr[data-row="${id}"] [data-row-button]`).click();
      await press(page, 'Correct');
      await page.getByLabel('Digital signature').waitFor();
    },
  },
  {
    name: 'sheet request sent back',
    who: 'leila',
    act: (page) => openRow(page, 'Sent Back'),
  },
  {
    name: 'storage held',
    who: 'peter',
    path: '#/storage',
    async act(page, { amara }) {
      await pointAt(page.locator('dl li').nth(1));
      await newPlace(amara);
      await page.getByRole('button', { name: '1 new' }).waitFor();
    },
  },
];
