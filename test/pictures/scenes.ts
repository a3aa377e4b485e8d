/** The screens and states of the demo app of which pictures are taken. */
import { makeRequest, sendBack } from '../client/support/demo-work.ts';
import { MEANWHILE_SCENES } from './meanwhile-scenes.ts';
import { REQUEST_SCENES } from './request-scenes.ts';
import { fail, longNames, none } from './rest-states.ts';
import { press, type Scene, withAnswers } from './scene.ts';

export const SCENES: readonly Scene[] = [
  ...REQUEST_SCENES,
  ...MEANWHILE_SCENES,
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
