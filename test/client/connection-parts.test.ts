/** The small parts of the React package's connection, one by one. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createBackoff } from '../../client/src/connection/backoff.ts';
import { createConnection } from '../../client/src/connection/connection.ts';
import { readEndpoints } from '../../client/src/connection/endpoints.ts';
import {
  createEventStreamParser,
  type StreamEvent,
} from '../../client/src/connection/event-stream-parser.ts';
import { keepRenewing } from '../../client/src/connection/renewal.ts';
import { createStatusStore } from '../../client/src/connection/status-store.ts';
import { createStreamOperations } from '../../client/src/connection/stream-operations.ts';
import { after } from '../../client/src/connection/timer.ts';
import { remainingOf } from '../../client/src/connection/token-expiry.ts';
import { createTokens } from '../../client/src/connection/tokens.ts';
import { chooseTransport } from '../../client/src/connection/transport-choice.ts';
import { keepUp } from '../../client/src/connection/upkeep.ts';
import { createWatchdog } from '../../client/src/connection/watchdog.ts';
import { signToken } from '../support/tokens.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('retry waits are random, below a limit that doubles, and short again after a success', () => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const backoff = createBackoff(1000, 5000);
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([500, 1000, 2000, 2500, 2500]);
  backoff.reset();
  random.mockReturnValue(0);
  expect(backoff.next()).toBe(0);
  random.mockRestore();
});

test('a timer can wait longer than a browser’s timer', () => {
  vi.useFakeTimers();
  const called = vi.fn();
  const days = 24 * 3600 * 1000;
  after(60 * days, called);
  vi.advanceTimersByTime(59 * days);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(days);
  expect(called).toHaveBeenCalledOnce();
  const cancel = after(60 * days, called);
  vi.advanceTimersByTime(40 * days);
  cancel();
  vi.advanceTimersByTime(40 * days);
  expect(called).toHaveBeenCalledOnce();
});

test.each([
  ['https://dms.example.org/graphql', 'https://dms.example.org/graphql', 'wss://dms.example.org/graphql'],
  [
    'wss://dms.example.org/graphql?a=b',
    'https://dms.example.org/graphql?a=b',
    'wss://dms.example.org/graphql?a=b',
  ],
  ['http://localhost:4000/graphql#x', 'http://localhost:4000/graphql', 'ws://localhost:4000/graphql'],
  ['ws://[::1]:4000/graphql', 'http://[::1]:4000/graphql', 'ws://[::1]:4000/graphql'],
])('%s gives the addresses of both transports', (url, http, websocket) => {
  expect(readEndpoints(url)).toEqual({ http, websocket });
});

describe('the remaining time of a token', () => {
  const now = 1_800_000_000_000;
  const lasting = (iat: number | undefined, exp: number | undefined) =>
    signToken({ iat: iat && now / 1000 + iat, exp: exp && now / 1000 + exp });

  test.each([
    ['is read from the token', 0, 300, 300_000],
    ['is at most its lifetime, if the local clock is slow', 600, 900, 300_000],
    ['is a part of its lifetime, if the local clock is far ahead', -900, -600, 100_000],
    ['is read from its end, if the token has no start', undefined, 300, 300_000],
    ['is unknown, if the token has no end', 0, undefined, undefined],
  ])('%s', async (_what, iat, exp, expected) => {
    expect(remainingOf(await lasting(iat, exp), now)).toBe(expected);
  });

  test.each(['', 'opaque', 'a.b.c', 'a.bnVsbA.c', `a.${btoa('[]')}.c`])('is unknown for %j', (token) => {
    expect(remainingOf(token, now)).toBeUndefined();
  });
});

describe('a session', () => {
  /** A token without a signature: a real signature takes time, which a frozen clock does not count. */
  const tokenFor = (seconds: number): string => {
    const iat = Math.floor(Date.now() / 1000);
    return `header.${btoa(JSON.stringify({ iat, exp: iat + seconds }))}.signature`;
  };

  test('is renewed in time, again and again, until it is stopped', async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const renew = vi.fn(async () => tokenFor(900));
    const stop = keepRenewing(tokenFor(900), { renewBeforeMs: 90_000, renew });
    await vi.advanceTimersByTimeAsync(809_000);
    expect(renew).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(renew).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(810_000);
    expect(renew).toHaveBeenCalledTimes(2);
    stop();
    await vi.advanceTimersByTimeAsync(2_000_000);
    expect(renew).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('retries its renewal until it is over', async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    let attempts = 0;
    const renew = async (): Promise<string> => {
      attempts += 1;
      if (attempts === 3) return tokenFor(300);
      throw new Error('the network is down');
    };
    keepRenewing(tokenFor(60), { renewBeforeMs: 90_000, renew });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(attempts).toBe(3);
    await vi.advanceTimersByTimeAsync(3600_000);
    expect(attempts).toBeGreaterThan(5);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a silent connection', () => {
  const useWatchdog = () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const [ask, gone] = [vi.fn(), vi.fn()];
    return { ask, gone, watchdog: createWatchdog(30_000, ask, gone) };
  };

  test('gets a ping in time, even if the clock was set back', () => {
    const { ask, gone, watchdog } = useWatchdog();
    vi.advanceTimersByTime(20_000);
    watchdog.received();
    vi.setSystemTime(Date.now() - 86_400_000);
    vi.advanceTimersByTime(29_999);
    expect(ask).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ask).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(10_000);
    expect(gone).toHaveBeenCalledOnce();
  });

  test('gets a ping right after a sleep, in which the monotonic clock may have stopped', () => {
    const { ask, watchdog } = useWatchdog();
    vi.advanceTimersByTime(29_000);
    watchdog.received();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(ask).toHaveBeenCalledOnce();
    watchdog.stop();
  });
});

describe('the transport', () => {
  test('is WebSocket, then SSE after two failures, and WebSocket again if SSE fails too', () => {
    const choice = chooseTransport('auto');
    expect(choice.failed('websocket')).toBe(false);
    expect(choice.next).toBe('websocket');
    expect(choice.failed('websocket')).toBe(true);
    expect(choice.next).toBe('sse');
    expect(choice.failed('sse')).toBe(false);
    expect(choice.next).toBe('websocket');
    expect(choice.failed('websocket')).toBe(true);
    choice.opened('sse');
    expect(choice.next).toBe('sse');
    choice.reset();
    expect(choice.next).toBe('websocket');
  });

  test.each(['websocket', 'sse'] as const)('is always %s if it was chosen', (only) => {
    const choice = chooseTransport(only);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(choice.failed(only)).toBe(false);
      expect(choice.next).toBe(only);
    }
    expect(choice.mayUpgrade).toBe(false);
  });
});

test('a stream whose session ends while a token for the next one is fetched is not followed by another', async () => {
  vi.useFakeTimers();
  let give: (token: string) => void = () => undefined;
  const store = createStatusStore();
  const tokens = {
    ...createTokens(
      () => 'x',
      1000,
      () => undefined,
    ),
    insteadOf: () =>
      new Promise<string>((resolve) => {
        give = resolve;
      }),
  };
  let dialled = 0;
  const connection = createConnection({
    tokens,
    store,
    backoff: createBackoff(100, 1000),
    choice: chooseTransport('sse'),
    isWanted: () => true,
    dial(transport, token, { opened }) {
      let isGivenUp = false;
      void token.then((held) => {
        if (isGivenUp) return;
        dialled += 1;
        opened({ transport, isRenewable: false, run: () => () => undefined, check() {}, close() {} }, held);
      });
      return () => {
        isGivenUp = true;
      };
    },
    onLink: () => undefined,
    onLinkGone: () => undefined,
    onSessionEnd: () => undefined,
    keepUp: (link) =>
      keepUp(link, `x.${btoa(JSON.stringify({ iat: Date.now() / 1000, exp: Date.now() / 1000 + 60 }))}.x`, {
        connection,
        tokens,
        renewBeforeMs: 1000,
        upgradeMs: undefined,
      }),
  });
  connection.connect();
  await vi.advanceTimersByTimeAsync(100_000);
  connection.end('You were away.');
  give('fresh');
  await vi.advanceTimersByTimeAsync(10);
  expect(dialled).toBe(1);
  expect(store.status.phase).toBe('signed-out');
});

test.each([
  { refusedMs: 1000, phase: 'live' },
  { refusedMs: 60_000, phase: 'signed-out' },
])('over SSE, tokens that are refused for $refusedMs ms: $phase', async ({ refusedMs, phase }) => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.1); // as soon as it gets
  const store = createStatusStore();
  const until = performance.now() + refusedMs;
  const connection = createConnection({
    store,
    tokens: createTokens(
      () => 'x',
      1000,
      () => undefined,
    ),
    backoff: createBackoff(1000, 1000),
    choice: chooseTransport('sse'),
    isWanted: () => true,
    dial(transport, _token, { opened, failed }) {
      queueMicrotask(() => {
        if (performance.now() < until) failed({ kind: 'refused', reason: 'Sign in again.' });
        else
          opened({ transport, isRenewable: false, run: () => () => undefined, check() {}, close() {} }, 'x');
      });
      return () => undefined;
    },
    onLink: () => undefined,
    onLinkGone: () => undefined,
    onSessionEnd: () => undefined,
    keepUp: () => () => undefined,
  });
  connection.connect();
  await vi.advanceTimersByTimeAsync(5000);
  expect(store.status.phase).toBe(phase);
});

describe('the operations of event streams that take over from each other', () => {
  const request = { query: '', variables: {}, pastMs: 500 };
  const past = { ms: 500, now: 9000 };

  function begin() {
    const operations = createStreamOperations();
    const reported: unknown[] = [];
    const id = operations.add(request, {
      next: ({ extensions }) => reported.push(extensions),
      position: (cursor) => reported.push(cursor),
      past: (announced) => reported.push(announced),
      ended: (faults) => reported.push(faults),
    });
    return { operations, reported, id };
  }

  test('a past is reported once it is known where to resume', () => {
    const { operations, reported, id } = begin();
    const first = operations.load();
    first.past(id, past);
    expect([reported, operations.load().requests[0]?.[1]]).toEqual([[], request]);
    first.position(id, 'a');
    expect([reported, operations.load().requests[0]?.[1].after]).toEqual([[past, 'a'], 'a']);
  });

  test('a stream that would begin what has begun does not take over', () => {
    const { operations, id } = begin();
    const first = operations.load();
    const second = operations.load();
    expect(second.isOutdated()).toBe(false);
    first.position(id, 'a');
    expect([second.isOutdated(), operations.load().isOutdated()]).toEqual([true, false]);
  });

  test('times of events that another process replays are not believed', () => {
    const { operations, reported, id } = begin();
    operations.load().next(id, { data: {}, extensions: { cursor: 'a', at: 8990 } });
    operations.load().next(id, { data: {}, extensions: { cursor: 'b', at: 3 } });
    expect(reported).toEqual([{ cursor: 'a', at: 8990 }, { cursor: 'b' }]);
  });
});

describe('an event stream', () => {
  function parse(chunks: readonly string[]): StreamEvent[] {
    const events: StreamEvent[] = [];
    const read = createEventStreamParser((event) => events.push(event));
    for (const chunk of chunks) read(chunk);
    return events;
  }

  test('is parsed as the standard says, and positions without data are reported', () => {
    expect(
      parse([
        ':\n\nid: 1\n\nid:2\nevent: next\ndata: {"a":\ndata: 1}\n\nevent: complete\ndata:\n\nretry: 5\n\n',
      ]),
    ).toEqual([
      { id: '1', event: '', data: undefined },
      { id: '2', event: 'next', data: '{"a":\n1}' },
      { id: undefined, event: 'complete', data: '' },
    ]);
  });

  const line = fc.string().map((text) => text.replace(/[\r\n]/g, ''));
  const events = fc.array(
    fc.record({ id: fc.option(line), event: fc.constantFrom('next', 'complete'), data: line }),
    {
      maxLength: 5,
    },
  );

  test('is parsed the same for all chunks and line breaks', () => {
    fc.assert(
      fc.property(
        events,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(20)),
        fc.integer({ min: 1, max: 9 }),
        (lines, end, cuts, last) => {
          const text = lines
            .map(
              ({ id, event, data }) =>
                `${id === null ? '' : `id: ${id}${end}`}event: ${event}${end}data: ${data}${end}${end}`,
            )
            .join('');
          const chunks: string[] = [];
          let rest = text;
          for (const size of [...cuts, ...Array<number>(text.length).fill(last)]) {
            chunks.push(rest.slice(0, size));
            rest = rest.slice(size);
          }
          const expected = lines.map(({ id, event, data }) => ({ id: id ?? undefined, event, data }));
          expect(parse([...chunks, ':\n'])).toEqual(expected);
        },
      ),
    );
  });
});
