/** A person who uses the demo app, in a separate Chromium page. */
import { EventEmitter, once } from 'node:events';
import type { QueryClient } from '@tanstack/react-query';
import type { Locator, Page, Request, WebSocket } from 'playwright-core';
import { PEOPLE, usernameOf } from '../../../demo/server/src/users.ts';
import type { Chromium, PageOptions } from '../../browser/browser.ts';
import { type Addressed, Queue } from '../../support/clients.ts';
import { until } from '../../support/redis.ts';

export interface Seat {
  readonly page: Page;
  /** The calls to the REST API since the last `forget`, e.g. `GET /api/requests/`. */
  readonly asked: readonly string[];
  forget(): void;
  /** The received WebSocket messages. */
  readonly received: readonly string[];
  /** Waits until a WebSocket message contains these words. */
  receives(words: string): Promise<void>;
  /** The WebSocket messages that the page sent. `next` waits for one. */
  readonly sent: Queue<string>;
  /** The opened WebSockets. */
  readonly sockets: readonly WebSocket[];
  /** The table row with this id. */
  row(id: string): Locator;
  /** A toast with these words. */
  toast(words: string | RegExp): Locator;
  /** Waits until the indicator is in a phase. */
  inPhase(phase: string): Promise<void>;
  /** Waits until the page is live and fetches nothing, and forgets the calls so far. */
  settled(): Promise<void>;
  /** Waits until the page fetches nothing. */
  quiet(): Promise<void>;
  /** Opens a screen with the navigation. */
  goTo(screen: 'Requests' | 'Crates' | 'Storage' | 'Audit' | 'Dashboard'): Promise<void>;
}

/** Opens the app, and signs in as one of the demo's people. */
export async function sit(
  chromium: Chromium,
  { url }: Addressed,
  username: string,
  options: PageOptions & { readonly path?: string } = {},
): Promise<Seat> {
  const seat = watch(await chromium.open(url, options.path ?? '/', options));
  await seat.page.getByRole('button', { name: nameOf(username) }).click();
  await seat.settled();
  return seat;
}

/** A page of the app, with a record of its network use. */
function watch(page: Page): Seat {
  const received: string[] = [];
  const sent = new Queue<string>();
  const sockets: WebSocket[] = [];
  const operations = watchOperations();
  const arrivals = new EventEmitter();
  let asked: string[] = [];
  const rest = createRestWatch(page, (call) => asked.push(call));
  page.on('websocket', (socket) => {
    sockets.push(socket);
    socket.on('framereceived', ({ payload }) => {
      received.push(String(payload));
      operations.received(String(payload));
      arrivals.emit('frame');
    });
    socket.on('framesent', ({ payload }) => {
      sent.push(String(payload));
      operations.sent(String(payload));
    });
  });
  const inPhase = (phase: string): Promise<void> => page.locator(`[data-phase="${phase}"]`).waitFor();
  return {
    page,
    get asked() {
      return asked;
    },
    forget() {
      asked = [];
    },
    received,
    async receives(words) {
      for (let checked = 0; ; await once(arrivals, 'frame')) {
        for (; checked < received.length; checked += 1) if (received[checked]?.includes(words)) return;
      }
    },
    sent,
    sockets,
    row: (id) => page.getByRole('row').filter({ has: page.getByRole('button', { name: id, exact: true }) }),
    toast: (words) => page.locator('[data-sonner-toast]').filter({ hasText: words }),
    inPhase,
    quiet: rest.quiet,
    async settled() {
      await inPhase('live');
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
      if (sockets.some((socket) => !socket.isClosed())) await until(() => operations.areLive); // the first refetches start only then
      await rest.quiet();
      asked = [];
    },
    async goTo(screen) {
      await page.getByRole('navigation').getByRole('link', { name: screen }).click();
      await page.getByRole('heading', { level: 1, name: screen }).waitFor();
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    },
  };
}

/** Tracks the subscriptions of a socket. A subscription is live when the server has sent its position, or a result. */
function watchOperations() {
  const starting = new Set<string>();
  let count = 0;
  return {
    sent(frame: string): void {
      const { type, id } = JSON.parse(frame);
      if (type === 'subscribe') {
        starting.add(id);
        count += 1;
      } else if (type === 'complete') starting.delete(id);
    },
    received(frame: string): void {
      const { type, id, payload } = JSON.parse(frame);
      if (type === 'ping') for (const live of Object.keys(payload?.cursors ?? {})) starting.delete(live);
      else if (type === 'next' || type === 'error' || type === 'complete') starting.delete(id);
    },
    get areLive(): boolean {
      return count > 0 && starting.size === 0;
    },
  };
}

/** After this time without a call the page is asked whether it will make more. */
const QUIET_MS = 500;

/** Reports each call to the REST API, and waits until there are none. */
function createRestWatch(page: Page, note: (call: string) => void) {
  const underWay = new Set<Request>();
  let lastAt = Date.now();
  let calls = 0;
  const ended = (request: Request): void => {
    if (underWay.delete(request)) lastAt = Date.now();
  };
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/')) return;
    underWay.add(request);
    calls += 1;
    note(`${request.method()} ${pathname}`);
  });
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  return {
    async quiet() {
      let known: number;
      do {
        lastAt = Date.now();
        await until(() => underWay.size === 0 && Date.now() - lastAt >= QUIET_MS);
        known = calls;
        await page.waitForFunction(isIdle, undefined, { polling: 50 });
      } while (known !== calls);
    },
  };
}

/**
 * In the page: nothing is fetched or written, and no query that is shown waits to be fetched. A busy page may take long to begin, and
 * figures are fetched at a random moment, so no time without a call says that. What has failed is not waited for.
 */
function isIdle(): boolean {
  const client: QueryClient | undefined = Reflect.get(window, '__TANSTACK_QUERY_CLIENT__');
  if (client === undefined) return true; // nobody is signed in
  const shown = client.getQueryCache().findAll({ type: 'active' });
  const isOwed = shown.some(({ state }) => state.isInvalidated && state.status !== 'error');
  return !isOwed && client.isFetching() === 0 && client.isMutating() === 0;
}

function nameOf(username: string): string {
  const person = PEOPLE.find((known) => usernameOf(known) === username);
  if (person === undefined) throw new Error(`nobody is called ${username}`);
  return person.name;
}
