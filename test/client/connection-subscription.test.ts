/** One operation over any link: its reaction to the server's messages. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createBackoff } from '../../client/src/connection/backoff.ts';
import {
  type Fault,
  type Link,
  type LinkRequest,
  type LinkSink,
  withoutTime,
} from '../../client/src/connection/link.ts';
import { createSubscription } from '../../client/src/connection/subscription.ts';
import { until } from '../support/redis.ts';

interface Run {
  readonly request: LinkRequest;
  readonly sink: LinkSink;
  isStopped: boolean;
}

/** A link that only records the operations that run over it, newest last. */
function createRecordingLink() {
  const runs: Run[] = [];
  const link: Link = {
    transport: 'websocket',
    isRenewable: true,
    run(request, sink) {
      const run = { request, sink, isStopped: false };
      runs.push(run);
      return () => {
        run.isStopped = true;
      };
    },
    check: () => undefined,
    close: () => undefined,
  };
  const newest = (): Run => {
    const run = runs.at(-1);
    if (run === undefined) throw new Error('nothing was run');
    return run;
  };
  return { link, runs, newest };
}

function useSubscription() {
  const calls: string[] = [];
  const { link, runs, newest } = createRecordingLink();
  const subscription = createSubscription({
    query: 'subscription { storageUpdated { id } }',
    variables: {},
    backoff: createBackoff(1, 1),
  });
  const follow = (name = ''): (() => void) =>
    subscription.add({
      event: (data) => calls.push(`${name}event ${JSON.stringify(data)}`),
      started: (why) => calls.push(`${name}started ${why}`),
      resumed: () => calls.push(`${name}resumed`),
      refused: ({ code }) => calls.push(`${name}refused ${code}`),
    });
  return {
    subscription,
    link,
    runs,
    newest,
    calls,
    follow,
    isRefused: () => calls.some((call) => call.includes('refused')),
  };
}

const fault = (code: string): Fault => ({ message: code, extensions: { code } });
const event = (id: string, cursor?: string) => ({
  data: { storageUpdated: { id } },
  ...(cursor !== undefined && { extensions: { cursor } }),
});
const line = (id: string): string => `event {"storageUpdated":{"id":"${id}"}}`;

test('an operation resumes after the newest position, from an event or from a message without one', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  follow();
  subscription.attach(link);
  expect(newest().request.after).toBeUndefined();
  newest().sink.position('1');
  newest().sink.next(event('a', '2'));
  subscription.detach();
  expect(newest().isStopped).toBe(true);
  subscription.attach(link);
  expect(newest().request.after).toBe('2');
  newest().sink.position('3');
  subscription.attach(link);
  expect(newest().request.after).toBe('3');
  expect(calls).toEqual(['started first', line('a'), 'resumed']);
});

test('an event that arrives twice is delivered once', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  follow();
  subscription.attach(link);
  for (const id of ['a', 'b', 'a', 'b', 'c']) newest().sink.next(event(id, id));
  expect(calls).toEqual(['started first', line('a'), line('b'), line('c')]);
});

test('events without a position cannot be resumed, so a reconnect reports a loss', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  follow();
  subscription.attach(link);
  newest().sink.next(event('bare'));
  subscription.attach(link);
  newest().sink.position('1');
  expect(calls).toEqual(['started first', line('bare'), 'started lost']);
});

describe('an operation that ends', () => {
  test.each(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'UNAUTHENTICATED'])(
    'with %s runs again from its position',
    async (code) => {
      const { subscription, link, runs, newest, calls, follow, isRefused } = useSubscription();
      follow();
      subscription.attach(link);
      newest().sink.position('1');
      newest().sink.ended([fault(code)]);
      await until(() => runs.length === 2);
      expect(newest().request.after).toBe('1');
      newest().sink.position('1');
      expect(calls).toEqual(['started first', 'resumed']);
      expect(isRefused()).toBe(false);
    },
  );

  test('without a reason runs again', async () => {
    const { subscription, link, runs, newest, follow } = useSubscription();
    follow();
    subscription.attach(link);
    newest().sink.ended([]);
    await until(() => runs.length === 2);
  });

  test('does not run again without a link', async () => {
    const { subscription, link, runs, newest, follow } = useSubscription();
    follow();
    subscription.attach(link);
    newest().sink.ended([]);
    subscription.detach();
    await new Promise((resolve) => setTimeout(resolve, 5)); // longer than the retry wait, which is 1 ms at most
    expect(runs).toHaveLength(1);
  });

  test.each([
    ['as an error', (sink: LinkSink) => sink.ended([fault('CURSOR_EXPIRED')])],
    [
      'as a result, followed by complete',
      (sink: LinkSink) => {
        sink.next({ data: null, errors: [fault('CURSOR_EXPIRED')] });
        sink.ended([]);
      },
    ],
  ])('with an expired position, sent %s, starts again and reports the loss when it runs', (_how, expire) => {
    const { subscription, link, newest, calls, follow } = useSubscription();
    follow();
    subscription.attach(link);
    newest().sink.position('1');
    subscription.attach(link);
    expire(newest().sink);
    expect(newest().request.after).toBeUndefined();
    expect(calls).toEqual(['started first']);
    newest().sink.position('9');
    newest().sink.next(event('a', '10'));
    expect(calls).toEqual(['started first', 'started lost', line('a')]);
  });

  test.each(['FORBIDDEN', 'BAD_USER_INPUT', 'LIMIT_EXCEEDED', 'GRAPHQL_VALIDATION_FAILED'])(
    'with %s is refused for all its followers',
    (code) => {
      const { subscription, link, runs, newest, calls, follow, isRefused } = useSubscription();
      follow('1 ');
      follow('2 ');
      subscription.attach(link);
      newest().sink.ended([fault(code)]);
      expect(calls).toEqual([`1 refused ${code}`, `2 refused ${code}`]);
      expect(isRefused()).toBe(true);
      expect(runs).toHaveLength(1);
    },
  );
});

describe('a refused operation', () => {
  test('runs again over each new link; who knows that it is refused is notified only of a change', () => {
    const { subscription, link, runs, newest, calls, follow } = useSubscription();
    follow();
    for (const _link of [1, 2]) {
      subscription.attach(link);
      newest().sink.ended([fault('FORBIDDEN')]);
      subscription.detach();
    }
    expect(calls).toEqual(['refused FORBIDDEN']);
    subscription.attach(link);
    newest().sink.position('1');
    subscription.attach(link);
    expect(newest().request.after).toBe('1');
    newest().sink.ended([fault('FORBIDDEN')]);
    subscription.attach(link);
    newest().sink.position('2');
    expect(runs).toHaveLength(5);
    expect(calls.slice(1)).toEqual(['started first', 'refused FORBIDDEN', 'resumed']);
  });

  test('runs again, once, for those who follow it later', () => {
    const { subscription, link, runs, newest, calls, follow } = useSubscription();
    follow('1 ');
    subscription.attach(link);
    newest().sink.ended([fault('LIMIT_EXCEEDED')]);
    follow('2 ');
    follow('3 ');
    expect(runs).toHaveLength(2);
    newest().sink.ended([fault('LIMIT_EXCEEDED')]);
    expect(calls).toEqual([1, 2, 3].map((name) => `${name} refused LIMIT_EXCEEDED`));
    follow('4 ');
    newest().sink.position('1');
    expect(calls.slice(3)).toEqual([1, 2, 3, 4].map((name) => `${name} started first`));
  });
});

test.each([undefined, {}, { code: null }, { code: 42 }])(
  'a refusal with the extensions %j, which name no code, is a fault of the server for its followers',
  (extensions) => {
    const { subscription, link, newest, calls, follow, isRefused } = useSubscription();
    follow();
    subscription.attach(link);
    newest().sink.ended([{ message: 'no code', extensions }]);
    expect(calls).toEqual(['refused INTERNAL_SERVER_ERROR']);
    expect(isRefused()).toBe(true);
  },
);

test('an event that failed on the server is reported as a loss', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  follow();
  subscription.attach(link);
  newest().sink.position('1');
  newest().sink.next({
    data: null,
    errors: [fault('INTERNAL_SERVER_ERROR')],
    extensions: { cursor: '2' },
  });
  newest().sink.next(event('b', '3'));
  expect(calls).toEqual(['started first', 'started lost', line('b')]);
});

test('a follower that throws does not block the other followers', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported); // a function that browsers have
  onTestFinished(() => void vi.unstubAllGlobals());
  const mine = new Error('mine');
  subscription.add({
    event() {
      throw mine;
    },
  });
  follow();
  subscription.attach(link);
  newest().sink.next(event('a', '1'));
  expect(calls).toEqual(['started first', line('a')]);
  expect(reported.mock.calls).toEqual([[mine]]);
});

test('a follower that has left receives nothing more', () => {
  const { subscription, link, newest, calls, follow } = useSubscription();
  follow('1 ');
  const leave = follow('2 ');
  subscription.attach(link);
  newest().sink.position('1');
  leave();
  newest().sink.next(event('a', '2'));
  expect(calls).toEqual(['1 started first', '2 started first', `1 ${line('a')}`]);
});

describe('catching up is reported', () => {
  const PAST = { ms: 5000, now: 100 };
  const at = (id: string, time: number) => ({
    data: { storageUpdated: { id } },
    extensions: { cursor: id, at: time },
  });

  const idOf = (data: unknown): string => /"id":"(\w+)"/.exec(JSON.stringify(data))?.[1] ?? '';

  function useWatched() {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const used = useSubscription();
    const calls: string[] = [];
    const join = (): (() => void) =>
      used.subscription.add({
        pastMs: () => 5000,
        event: (data) => calls.push(idOf(data)),
        started: (why) => calls.push(why),
        resumed: () => calls.push('resumed'),
        refused: ({ code }) => calls.push(code),
        catchingUp: (is) => calls.push(is ? 'catching up' : 'caught up'),
      });
    join();
    return { ...used, calls, join };
  }

  test('from the start until the server answers', () => {
    const { subscription, link, newest, calls } = useWatched();
    expect(calls).toEqual([]);
    subscription.attach(link);
    expect(calls).toEqual(['catching up']);
    newest().sink.position('1');
    expect(calls).toEqual(['catching up', 'first', 'caught up']);
  });

  test('after an interruption, and not without a link, where the phase says it', () => {
    const { subscription, link, newest, calls } = useWatched();
    subscription.attach(link);
    newest().sink.position('1');
    calls.length = 0;
    subscription.detach();
    expect(calls).toEqual([]);
    subscription.attach(link);
    expect(calls).toEqual(['catching up']);
    subscription.detach();
    subscription.attach(link);
    newest().sink.position('1');
    expect(calls).toEqual(['catching up', 'caught up', 'catching up', 'resumed', 'caught up']);
  });

  test.each(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'UNAUTHENTICATED', 'CURSOR_EXPIRED'])(
    'after %s until it runs again',
    async (code) => {
      const { subscription, link, newest, calls } = useWatched();
      subscription.attach(link);
      newest().sink.position('1');
      calls.length = 0;
      for (const _attempt of [1, 2, 3]) {
        newest().sink.ended([fault(code)]);
        await vi.advanceTimersByTimeAsync(1);
      }
      expect(calls).toEqual(['catching up']);
      newest().sink.position('1');
      expect(calls).toEqual(['catching up', code === 'CURSOR_EXPIRED' ? 'lost' : 'resumed', 'caught up']);
    },
  );

  test('until it is refused', () => {
    const { subscription, link, newest, calls } = useWatched();
    subscription.attach(link);
    newest().sink.ended([fault('FORBIDDEN')]);
    expect(calls).toEqual(['catching up', 'FORBIDDEN', 'caught up']);
  });

  test('after an event that the server could not execute, until the next message', () => {
    const { subscription, link, newest, calls } = useWatched();
    subscription.attach(link);
    newest().sink.position('1');
    calls.length = 0;
    newest().sink.next({ data: null, errors: [fault('INTERNAL_SERVER_ERROR')] });
    expect(calls).toEqual(['catching up']);
    newest().sink.position('2');
    expect(calls).toEqual(['catching up', 'lost', 'caught up']);
  });

  test('while events of the past come, until a live one or a short silence', async () => {
    const { subscription, link, newest, calls } = useWatched();
    subscription.attach(link);
    newest().sink.past(PAST);
    calls.length = 0;
    newest().sink.next(at('a', 10));
    newest().sink.next(withoutTime(at('b', 15)));
    await vi.advanceTimersByTimeAsync(200);
    newest().sink.next(at('c', 20));
    await vi.advanceTimersByTimeAsync(200);
    expect(calls).toEqual(['a', 'catching up', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(100);
    newest().sink.next(at('d', 30));
    newest().sink.next(event('e', '5'));
    expect(calls.slice(4)).toEqual(['caught up', 'd', 'catching up', 'e', 'caught up']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('to those that follow later', () => {
    const { subscription, link, calls, join } = useWatched();
    subscription.attach(link);
    calls.length = 0;
    join();
    expect(calls).toEqual(['catching up']);
  });

  test('no more when it is stopped while events of the past come', () => {
    const { subscription, link, newest } = useWatched();
    subscription.attach(link);
    newest().sink.next(at('a', 10));
    subscription.detach();
    expect(vi.getTimerCount()).toBe(0);
  });
});
