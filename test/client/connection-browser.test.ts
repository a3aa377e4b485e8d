/** The React package's connection in a real Chromium: StrictMode, network changes, and the indicator. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { LiveClientOptions } from '../../client/src/index.ts';
import { useChromium } from '../browser/browser.ts';
import { useApp } from '../support/app.ts';
import type { Addressed } from '../support/clients.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { servePage } from './support/bundle.ts';
import { useFirewall } from './support/firewall.ts';
import { openRawTab, type RawTab } from './support/raw-tab.ts';

const chromium = useChromium();
const page = await servePage('connection');
/** Messages that the browser logs when a connection fails. They cannot be turned off. */
const NETWORK = /WebSocket connection to|Failed to load resource|net::ERR_|Content Security Policy/;

interface Opened {
  readonly page: Page;
  /** How many sockets the page has opened. */
  readonly sockets: () => number;
  /** The text that the page shows. */
  readonly textOf: (name: string) => Promise<string>;
  readonly indicator: () => Promise<string>;
}

async function open(app: Addressed, options: Partial<LiveClientOptions> = {}): Promise<Opened> {
  let sockets = 0;
  const opened = await chromium.open(app.url, '/', {
    mayLog: NETWORK,
    async prepare(prepared) {
      prepared.on('websocket', () => {
        sockets += 1;
      });
      await prepared.exposeFunction('getToken', people.head);
      await prepared.addInitScript((given) => {
        window.options = given;
      }, options);
    },
  });
  const text = async (name: string): Promise<string> => (await opened.getByTestId(name).textContent()) ?? '';
  return {
    page: opened,
    sockets: () => sockets,
    textOf: text,
    indicator: async () => (await opened.getByRole('status').first().textContent()) ?? '',
  };
}

const eventually = <Value>(look: () => Value | Promise<Value>) =>
  expect.poll(look, { timeout: 20_000, interval: 20 });

test('many hooks under StrictMode open one socket, share operations, and leave nothing when they unmount', async () => {
  const app = await useApp({ COMPRESSION: 'true', PRESENCE: 'true' }, { otherwise: page }); // the browser unpacks
  const { page: opened, sockets, textOf, indicator } = await open(app, { lingerMs: 100 });
  for (const name of ['one', 'two', 'three']) await eventually(() => textOf(name)).toBe('first');
  expect(await indicator()).toBe('Live');
  expect(app.stats()).toMatchObject({ connections: 1, subscriptions: 2 });
  await publish(app, 'a');
  for (const name of ['one', 'two', 'three']) await eventually(() => textOf(name)).toBe('first a');
  await eventually(() => textOf('generated')).toBe('a');
  for (const shown of ['17 at 1', '17 at 2']) {
    await opened.getByRole('button', { name: 'Next object' }).click();
    await eventually(() => textOf('present')).toBe(shown);
    expect(app.stats().subscriptions).toBe(4);
  }
  expect(sockets()).toBe(1);
  await opened.getByRole('button', { name: 'Toggle' }).click();
  await until(() => app.stats().subscriptions === 0);
  await until(() => app.stats().connections === 0);
  await eventually(() => textOf('phase')).toBe('idle');
});

test('a browser that goes offline shows it, and misses no event', async () => {
  const app = await useApp({}, { otherwise: page });
  const { page: opened, textOf, indicator } = await open(app, { retry: { firstMs: 600_000 } });
  await eventually(() => textOf('one')).toBe('first');
  await opened.context().setOffline(true);
  await eventually(indicator).toBe('Offline');
  for (const id of ['a', 'b', 'c']) await publish(app, id);
  await opened.context().setOffline(false);
  for (const name of ['one', 'three']) await eventually(() => textOf(name)).toBe('first a b c');
  expect(await indicator()).toBe('Live');
});

test('the wait for the next attempt is a countdown; showing the tab or pressing the button retries at once', async () => {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, PORT: `${await freePort()}` };
  const extras = { otherwise: page };
  let app = await useApp(settings, extras);
  const {
    page: opened,
    textOf,
    indicator,
  } = await open(app, { retry: { firstMs: 6_000_000, maxMs: 6_000_000 } });
  await eventually(() => textOf('one')).toBe('first');
  for (const [id, retryNow] of [
    ['a', () => opened.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))],
    ['b', () => opened.getByRole('button', { name: 'Retry now' }).click()],
  ] as const) {
    await app.close();
    await eventually(indicator).toMatch(/^Reconnecting in \d+ s$/);
    app = await useApp(settings, extras);
    await publish(app, id);
    await retryNow();
    await eventually(() => textOf('one')).toContain(id);
    expect(await indicator()).toBe('Live');
  }
  expect(await textOf('one')).toBe('first a b');
});

test('if the network blocks WebSocket, events arrive by SSE until it works again', async () => {
  const app = await useApp({}, { otherwise: page });
  const firewall = await useFirewall(app);
  const { page: opened, textOf, indicator } = await open(firewall);
  await eventually(() => textOf('one')).toBe('first');
  expect(await indicator()).toBe('Live');
  expect(await opened.getByRole('status').first().getAttribute('title')).toContain('server-sent events');
  await publish(app, 'a');
  await eventually(() => textOf('three')).toBe('first a');
  firewall.isBlocking = false;
  await opened.evaluate(() => window.dispatchEvent(new Event('online'))); // another network
  await eventually(() => opened.getByRole('status').first().getAttribute('title')).toBe('By WebSocket');
  await publish(app, 'b');
  for (const name of ['one', 'two', 'three']) await eventually(() => textOf(name)).toBe('first a b');
  expect(app.stats().connections).toBe(1);
});

test('if the page’s CSP blocks WebSockets, which then report an error and never close, events arrive by SSE', async () => {
  const app = await useApp(
    {},
    {
      otherwise(request, response) {
        response.setHeader('content-security-policy', 'connect-src http:');
        return page(request, response);
      },
    },
  );
  const { textOf, indicator } = await open(app, { connectTimeoutMs: 600_000 });
  await eventually(() => textOf('one')).toBe('first');
  expect(await indicator()).toBe('Live');
});

test('a page that comes back from the back/forward cache is live without a wait, and misses no event', async () => {
  const app = await useApp({}, { otherwise: page });
  const { page: opened, textOf } = await open(app, { retry: { firstMs: 600_000, maxMs: 600_000 } });
  await eventually(() => textOf('one')).toBe('first');
  await opened.evaluate(() => document.body.setAttribute('data-is-same-page', ''));
  for (const events of ['a', 'a b', 'a b c']) {
    await opened.goto(`${app.url}/health`);
    await publish(app, events.slice(-1));
    await opened.goBack({ waitUntil: 'commit' });
    await eventually(() => textOf('one')).toBe(`first ${events}`);
  }
  expect(await opened.locator('[data-is-same-page]').count()).toBe(1);
});

test('logout closes the socket, and the page shows that it is signed out', async () => {
  const app = await useApp({}, { otherwise: page });
  const { page: opened, textOf, indicator } = await open(app);
  await eventually(() => textOf('one')).toBe('first');
  await opened.evaluate(() => window.live.close());
  await eventually(indicator).toBe('Signed out');
  await until(() => app.stats().connections === 0);
});

interface OpenTab {
  readonly page: Page;
  readonly textOf: (name: string) => Promise<string | null>;
  /** Whether it has a WebSocket. */
  readonly isLeading: () => boolean;
}

/** Opens tabs of one browser that share their connection, one for each token. */
async function openTabs(app: Addressed, tokens: readonly (() => Promise<string>)[]): Promise<OpenTab[]> {
  const tabs: OpenTab[] = [];
  const prepare = async (tab: Page, getToken: () => Promise<string>): Promise<void> => {
    let sockets = 0;
    tab.on('websocket', (socket) => {
      sockets += 1;
      socket.on('close', () => {
        sockets -= 1;
      });
    });
    await tab.exposeFunction('getToken', getToken);
    await tab.addInitScript(() => {
      window.isShared = true;
      window.options = { heartbeatMs: 3000 };
    });
    const textOf = (name: string) => tab.getByTestId(name).textContent();
    tabs.push({ page: tab, textOf, isLeading: () => sockets > 0 });
  };
  const [first = people.head, ...others] = tokens;
  const opened = await chromium.open(app.url, '/', {
    mayLog: NETWORK,
    prepare: (tab) => prepare(tab, first),
  });
  for (const token of others) {
    const tab = await opened.context().newPage();
    await prepare(tab, token);
    await tab.goto(`${app.url}/`);
  }
  return tabs;
}

const ENDS: readonly (readonly [how: string, end: (tab: Page) => Promise<unknown>])[] = [
  ['closed', (tab) => tab.close()],
  ['crashed', (tab) => tab.goto('chrome://crash').catch(() => undefined)],
];

test('tabs share one socket: the one that leads is closed or crashes, and the others miss nothing', async () => {
  const app = await useApp({}, { otherwise: page });
  let tabs = await openTabs(app, Array(3).fill(people.head));
  let shown = 'first';
  const allShowIt = () =>
    Promise.all(tabs.map(({ textOf }) => eventually(() => textOf('three')).toBe(shown)));
  await allShowIt();
  expect(app.stats()).toMatchObject({ connections: 1, subscriptions: 2 });
  for (const [how, end] of ENDS) {
    await eventually(() => tabs.filter(({ isLeading }) => isLeading()).length).toBe(1);
    const [leader] = tabs.filter(({ isLeading }) => isLeading());
    tabs = tabs.filter((tab) => tab !== leader);
    await publish(app, `before-${how}`);
    if (leader !== undefined) await end(leader.page);
    await publish(app, how);
    shown += ` before-${how} ${how}`;
    await allShowIt();
  }
  await publish(app, 'last');
  shown += ' last';
  await allShowIt();
  for (const { textOf } of tabs) expect(await textOf('phase')).toBe('live');
});

test('a tab that the browser freezes while it leads is replaced at once, and misses nothing when it runs again', async () => {
  const app = await useApp({}, { otherwise: page });
  const browser = await chromium.browser();
  const token = JSON.stringify(await people.head());
  const prepare = `window.getToken = async () => ${token}; window.isShared = true; window.options = { heartbeatMs: 600_000 };
    document.addEventListener('freeze', () => { window.wasFrozen = true; });`;
  const open = () => openRawTab(browser, `${app.url}/`, prepare);
  const textOf = (tab: RawTab) => tab.evaluate(`document.querySelector('[data-testid=three]')?.textContent`);
  const leader = await open();
  await eventually(() => textOf(leader)).toBe('first');
  const other = await open();
  await eventually(() => textOf(other)).toBe('first');
  expect(app.stats().connections).toBe(1);
  await leader.freeze();
  await eventually(() => leader.evaluate('window.wasFrozen')).toBe(true);
  await publish(app, 'a');
  await eventually(() => textOf(other)).toBe('first a');
  await leader.thaw();
  await eventually(() => textOf(leader)).toBe('first a');
  expect(app.stats().connections).toBe(1);
});

test('two users in two tabs stay apart', async () => {
  const app = await useApp({}, { otherwise: page });
  const tabs = await openTabs(app, [people.head, people.stranger, people.head]);
  await Promise.all(tabs.map(({ textOf }) => eventually(() => textOf('one')).toBe('first')));
  expect(app.stats()).toMatchObject({ connections: 2, sessions: 2 });
  await until(() => app.stats().subscriptions === 3); // the stranger may not follow everything
  for (const { textOf } of tabs) await eventually(() => textOf('phase')).toBe('live');
  await publish(app, 'a');
  await eventually(() => tabs[2]?.textOf('one')).toBe('first a');
  expect(await tabs[1]?.textOf('one')).toBe('first');
});
