/** The React package's connection through the life of a page: frozen, offline, put aside, left alone. The clock is the test's. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createLiveClient,
  type LiveClient,
  type LiveClientOptions,
  SessionOver,
  StorageUpdatedDocument,
} from '../../client/src/index.ts';
import { phasesOf } from './support/live.ts';
import { createScriptedServer, type ScriptedServer } from './support/scripted-socket.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A browser's page, as far as the client looks at it. */
function usePage() {
  const page = {
    window: new EventTarget(),
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
    navigator: { onLine: true },
    localStorage: createStorage(),
    reportError: vi.fn(),
  };
  for (const [name, value] of Object.entries(page)) vi.stubGlobal(name, value);
  onTestFinished(() => void vi.unstubAllGlobals());
  return page;
}

function createStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
}

/** A token that lasts so long from now on. Nobody verifies it. */
function tokenFor(seconds: number): string {
  const iat = Math.floor(Date.now() / 1000);
  return `header.${btoa(JSON.stringify({ iat, exp: iat + seconds }))}.signature`;
}

interface Tab {
  readonly client: LiveClient;
  readonly phases: readonly string[];
}

/** A client that follows something. */
async function useTab(server: ScriptedServer, options: Partial<LiveClientOptions> = {}): Promise<Tab> {
  const client = createLiveClient({
    url: 'https://dms.example.org/graphql',
    getToken: () => tokenFor(900),
    webSocketImpl: server.webSocketImpl,
    transport: 'websocket',
    ...options,
  });
  onTestFinished(() => client.close());
  client.follow(StorageUpdatedDocument, {}, { event: () => undefined });
  await vi.advanceTimersByTimeAsync(0);
  return { client, phases: phasesOf(client) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(Math, 'random').mockReturnValue(0.99); // every random wait is as long as it can be
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

describe('a page that comes back', () => {
  test.each([
    ['from the back/forward cache', ['pagehide', 'pageshow'], 'window'],
    ['from being frozen', ['freeze', 'resume'], 'document'],
  ] as const)('%s is live at once, each time', async (_whence, [leave, comeBack], target) => {
    const page = usePage();
    const server = createScriptedServer();
    const { client } = await useTab(server);
    for (let round = 1; round <= 6; round += 1) {
      page[target].dispatchEvent(new Event(leave));
      expect(server.open).toBe(0); // an open socket would be broken when the page comes back
      await vi.advanceTimersByTimeAsync(2 * SECOND);
      expect(server.attempts).toBe(round);
      page[target].dispatchEvent(new Event(comeBack));
      await vi.advanceTimersByTimeAsync(0);
      expect(client.status.phase).toBe('live');
    }
  });

  test('without having noticed that it stood still reconnects at once', async () => {
    usePage();
    const server = createScriptedServer();
    const { phases } = await useTab(server);
    vi.setSystemTime(Date.now() + MINUTE);
    server.cut();
    await vi.advanceTimersByTimeAsync(0);
    expect(phases).toEqual(['connecting', 'live']);
  });

  test('while the server is down waits as if it had just been lost', async () => {
    const page = usePage();
    const server = createScriptedServer();
    const { client } = await useTab(server);
    server.isUp = false;
    server.cut();
    await vi.advanceTimersByTimeAsync(10 * MINUTE); // the waits have grown to 30 s
    page.document.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(0);
    server.isUp = true;
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(client.status.phase).toBe('live');
  });

  test('and whose socket was silent for too long opens another one, without asking', async () => {
    const page = usePage();
    const server = createScriptedServer();
    const { phases } = await useTab(server);
    vi.setSystemTime(Date.now() + MINUTE);
    page.document.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(0);
    expect(phases).toEqual(['connecting', 'live']);
    expect(server.attempts).toBe(2);
  });
});

test.each([
  ['said so all the time', false],
  ['reports that it is offline', true],
])('a browser that %s, though there is a network, is not believed for ever', async (_what, isReported) => {
  const page = usePage();
  const server = createScriptedServer();
  page.navigator.onLine = isReported;
  const { client } = await useTab(server);
  expect(client.status.phase).toBe('live');
  page.navigator.onLine = false;
  server.isUp = false;
  if (isReported) page.window.dispatchEvent(new Event('offline'));
  else server.cut();
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(client.status).toMatchObject({ phase: 'offline', reason: 'browser' });
  expect(server.attempts).toBeGreaterThan(20);
  expect(server.attempts).toBeLessThan(60);
  server.isUp = true;
  await vi.advanceTimersByTimeAsync(20 * SECOND);
  expect(client.status.phase).toBe('live');
});

test.each([-60, 60])('a clock that is set by %i minutes breaks nothing', async (minutes) => {
  usePage();
  const server = createScriptedServer();
  const { phases } = await useTab(server);
  vi.setSystemTime(Date.now() + minutes * MINUTE);
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(phases).toEqual([]);
  expect(server.attempts).toBe(1);
});

describe('a user who is away', () => {
  /** A DMS that ends a session after 20 s without a request of its user. Its access tokens are good for 6 s. */
  function createDms() {
    let touchedAt = Date.now();
    return {
      /** Answers the request for a fresh token. */
      refresh(headers: Readonly<Record<string, string>> = {}): string {
        const now = Date.now();
        if (now - touchedAt > 20 * SECOND) throw new SessionOver('The DMS has ended the session.');
        if (headers['Dms-Live-Background'] === undefined) touchedAt = now;
        return tokenFor(6);
      },
    };
  }

  test('is signed out by a DMS that ends idle sessions, though the connection renews itself', async () => {
    usePage();
    const server = createScriptedServer();
    const dms = createDms();
    const { client } = await useTab(server, { getToken: ({ headers }) => dms.refresh(headers) });
    await vi.advanceTimersByTimeAsync(19 * SECOND);
    expect(client.status.phase).toBe('live');
    await vi.advanceTimersByTimeAsync(6 * SECOND);
    expect(client.status).toMatchObject({ phase: 'signed-out', reason: 'The DMS has ended the session.' });
    expect(server.open).toBe(0);
  });

  const useIdleTab = async (server: ScriptedServer, options: Partial<LiveClientOptions> = {}) => {
    const calls: string[] = [];
    const tab = await useTab(server, {
      idle: { afterMs: 20 * SECOND, onIdle: () => calls.push('idle') },
      onSessionEnd: (reason) => calls.push(reason),
      ...options,
    });
    return { ...tab, calls };
  };

  test('is signed out by the client: nothing is renewed any more, and the app is called once', async () => {
    const page = usePage();
    const server = createScriptedServer();
    const getToken = vi.fn(() => tokenFor(6));
    const { client, calls } = await useIdleTab(server, { getToken });
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    page.window.dispatchEvent(new Event('keydown'));
    await vi.advanceTimersByTimeAsync(19 * SECOND);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(calls).toEqual(['idle', 'You were away for too long: sign in again.']);
    expect(client.status).toMatchObject({ phase: 'signed-out', reason: calls[1] });
    expect(server.open).toBe(0);
    const asked = getToken.mock.calls.length;
    page.window.dispatchEvent(new Event('keydown'));
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(getToken).toHaveBeenCalledTimes(asked);
    expect(calls).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is away in all tabs or in none', async () => {
    const server = createScriptedServer();
    const { window: background } = usePage();
    const first = await useIdleTab(server);
    const foreground = new EventTarget();
    vi.stubGlobal('window', foreground);
    const second = await useIdleTab(server);
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    foreground.dispatchEvent(new Event('wheel'));
    await vi.advanceTimersByTimeAsync(19 * SECOND);
    background.dispatchEvent(new Event('focus')); // no input
    expect([...first.calls, ...second.calls]).toEqual([]);
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    for (const { calls } of [first, second]) expect(calls).toHaveLength(2);
  });

  test('and comes back to a computer that slept for too long is signed out by the first input', async () => {
    const page = usePage();
    const { client } = await useIdleTab(createScriptedServer());
    vi.setSystemTime(Date.now() + MINUTE); // while the monotonic clock stood still
    page.window.dispatchEvent(new Event('pointermove'));
    expect(client.status.phase).toBe('signed-out');
  });

  test('has not moved the pointer if only the page below it has changed', async () => {
    const page = usePage();
    const { calls } = await useIdleTab(createScriptedServer());
    const move = (screenX: number): void =>
      void page.window.dispatchEvent(Object.assign(new Event('pointermove'), { screenX, screenY: 1 }));
    move(1);
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    move(2);
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    move(2);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(6 * SECOND);
    expect(calls).toHaveLength(2);
  });

  test.each([
    ['when the app has signed out', (done: () => void) => setTimeout(done, SECOND), 1],
    ['if the app cannot sign out', (_done: () => void, fail: () => void) => setTimeout(fail, 2 * SECOND), 2],
    ['after a while if the app hangs', () => undefined, 5],
  ])('loses the session %s', async (_when, signOut, seconds) => {
    usePage();
    const onIdle = () => new Promise<void>((done, fail) => signOut(done, () => fail(new Error('offline'))));
    const { calls, client } = await useIdleTab(createScriptedServer(), {
      idle: { afterMs: 20 * SECOND, onIdle },
    });
    await vi.advanceTimersByTimeAsync(20 * SECOND + seconds * SECOND - 1);
    expect(client.status.phase).toBe('signed-out');
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(1);
  });

  test('counts alone in a browser that stores nothing', async () => {
    const page = usePage();
    vi.stubGlobal('localStorage', undefined);
    const { calls } = await useIdleTab(createScriptedServer());
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    page.window.dispatchEvent(new Event('keydown'));
    await vi.advanceTimersByTimeAsync(19 * SECOND);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(calls).toHaveLength(2);
  });
});
