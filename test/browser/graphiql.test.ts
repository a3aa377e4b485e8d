import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { useDemo } from '../support/demo.ts';
import { dmsNames } from '../support/domain.ts';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { people } from '../support/tokens.ts';
import { useChromium } from './browser.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };

const chromium = useChromium();

async function open(origin: string, path: string): Promise<Page> {
  const page = await chromium.open(origin, path);
  await page.locator('.graphiql-execute-button').waitFor();
  return page;
}

const tabs = (page: Page): Promise<string[]> => page.locator('.graphiql-tab').allInnerTexts();
const press = (page: Page): Promise<void> => page.locator('.graphiql-execute-button').click();

/** Opens a tab, and waits until GraphiQL has read its query. The page's address shows that. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await page.waitForURL(({ searchParams }) => searchParams.get('query')?.includes(` ${name}`) === true);
}

/** The text of the response pane, in one line. The editor writes spaces as no-break spaces. */
async function response(page: Page): Promise<string> {
  const lines = await page.locator('.graphiql-response .view-line').allInnerTexts();
  return lines.join(' ').replace(/\s+/g, ' ');
}

/** Waits until the pane has shown this number of different events of a field. */
async function seeEvents(page: Page, field: string, count: number): Promise<void> {
  const seen = new Set<string>();
  const look = async (): Promise<number> => {
    const shown = await response(page);
    expect(shown).not.toContain('"errors"');
    if (shown.includes(`"${field}": {`)) seen.add(shown);
    return seen.size;
  };
  await expect.poll(look, PATIENCE).toBeGreaterThanOrEqual(count);
}

describe('The demo’s GraphiQL', () => {
  test('shows a System Admin events after one click, in one tab and in the next', async () => {
    const { app } = await useDemo({ DEMO_PACE: 'busy' });
    const page = await open(app.url, '/graphql');
    await press(page);
    await seeEvents(page, 'requestUpdated', 3);
    await openTab(page, 'AuditLogged');
    await press(page);
    await seeEvents(page, 'auditLogged', 3);
    await openTab(page, 'Viewer');
    await press(page);
    await seeEvents(page, 'viewer', 1);
    expect(await response(page)).toContain('"role": "System Admin"');
  });

  test('offers a Section Head everything that a Section Head may see', async () => {
    const { app } = await useDemo({ DEMO_PACE: 'busy' });
    const page = await open(app.url, '/graphql?as=section-head');
    expect(await tabs(page)).toEqual([
      'RequestUpdated',
      'CrateUpdated',
      'SendBackCreated',
      'StorageUpdated',
      'DashboardKpis',
      'Viewer',
      'CurrentKpis',
    ]);
    for (const { tab, field, count } of [
      { tab: 'DashboardKpis', field: 'dashboardKpis', count: 2 },
      { tab: 'SendBackCreated', field: 'sendBackCreated', count: 1 },
      { tab: 'CrateUpdated', field: 'crateUpdated', count: 1 },
      { tab: 'StorageUpdated', field: 'storageUpdated', count: 1 },
    ]) {
      await openTab(page, tab);
      await press(page);
      await seeEvents(page, field, count);
    }
  });

  test('starts fresh, whatever the browser has stored', async () => {
    const { app } = await useDemo({ DEMO_PACE: 'busy' });
    const page = await open(app.url, '/graphql?as=store-head');
    const fresh = await tabs(page);
    await openTab(page, 'Viewer');
    await page.locator('.graphiql-query-editor .view-line').first().click();
    await page.keyboard.insertText('# changed by the visitor\n');
    await page.waitForURL(/changed/);
    await page.getByRole('button', { name: 'Close Tab' }).last().click();
    const remembered = 'localStorage.setItem(\'graphiql:headers\', \'{"Authorization":"Bearer old"}\')';
    await page.evaluate(remembered);

    await page.reload();
    await page.locator('.graphiql-execute-button').waitFor();
    expect(new URL(page.url()).search).toBe('?as=store-head');
    expect(await tabs(page)).toEqual(fresh);
    await press(page);
    await seeEvents(page, 'requestUpdated', 2);
  });

  test('shows the descriptions of the schema', async () => {
    const { app } = await useDemo({ DEMO_PACE: 'busy' });
    const page = await open(app.url, '/graphql');
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Subscription', exact: true }).first().click();
    await page.getByText('Every change of a request: created, approved').waitFor();
  });
});

test('Below a base path, with a slash at the end, it finds its files and its endpoint', async () => {
  const { app } = await useDemo({ DEMO_PACE: 'busy', BASE_PATH: '/live' });
  const page = await open(app.url, '/live/graphql/?as=store-head');
  expect(await page.title()).toBe('Store Head of unit 2');
  await press(page);
  await seeEvents(page, 'requestUpdated', 2);
});

test('The plain GraphiQL runs a subscription with a token that the user types in', async () => {
  const app = await useApp({ GRAPHIQL: 'true' });
  const page = await open(app.url, '/graphql');
  await page.locator('.graphiql-editor-tool .graphiql-editor:visible').click();
  await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${await people.head()}` }));
  const before = app.stats().openTopics;
  await press(page);
  await until(() => app.stats().openTopics > before);
  const { channel = '' } = dmsNames().nameOf({ kind: 'request', unitId: '5' });
  for (const action of ['CREATED', 'APPROVED']) {
    await app.bus.publish(channel, JSON.stringify(messages.request({}, { action })));
    await expect.poll(() => response(page), PATIENCE).toContain(`"action": "${action}"`);
  }
});
