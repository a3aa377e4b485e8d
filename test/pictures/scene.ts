/** What a scene is, and what many of them do. */
import type { Page } from 'playwright-core';
import type { Visitor } from '../support/demo.ts';
import { rewriteAnswers } from './rest-states.ts';

/** Colleagues, who do something while somebody looks. */
export interface Colleagues {
  readonly leila: Visitor;
  readonly peter: Visitor;
  readonly grace: Visitor;
  readonly amara: Visitor;
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

export const openRow = async (page: Page, text?: string): Promise<void> => {
  const rows = page.locator('tr[data-row]').filter(text === undefined ? {} : { hasText: text });
  await rows.first().locator('[data-row-button]').click();
  await page.getByRole('dialog').waitFor();
};
export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true }).first().click();

export async function openDeed(page: Page, name: string): Promise<void> {
  await openRow(page, 'Pending');
  await press(page, name);
  await page.getByLabel('Digital signature').waitFor();
}

export const withAnswers = (rewrite: Parameters<typeof rewriteAnswers>[1]) => (page: Page) =>
  rewriteAnswers(page, rewrite);
