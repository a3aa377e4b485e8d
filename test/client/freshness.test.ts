/** How new the data of a screen is: what is said of it, since when, and why. */
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Facts,
  freshnessOf,
  LONG_MS,
  lackOf,
  type QueryToJudge,
} from '../../client/src/freshness/freshness.ts';
import { createLiveness } from '../../client/src/freshness/liveness.ts';
import { isRefusal } from '../../client/src/freshness/refusal.ts';
import { retryNow } from '../../client/src/freshness/retry-now.ts';
import type { LiveQueries, LiveStatus } from '../../client/src/index.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';

const NOW = Date.UTC(2026, 10, 26, 10);
const ago = (minutes: number): number => NOW - minutes * 60_000;
const DOWN = new Error('502');
const GONE = { response: { status: 404, headers: { 'content-type': 'application/json' } } };
const PAGE = { response: { status: 404, headers: { 'content-type': 'text/html' } } };

const fetched = (more: Partial<QueryToJudge> = {}): QueryToJudge => ({
  data: [],
  error: null,
  status: 'success',
  fetchStatus: 'idle',
  isPlaceholderData: false,
  dataUpdatedAt: ago(30),
  errorUpdateCount: 0,
  failureReason: null,
  ...more,
});
const pending = (more: Partial<QueryToJudge> = {}): QueryToJudge =>
  fetched({ data: undefined, status: 'pending', fetchStatus: 'fetching', dataUpdatedAt: 0, ...more });
const failed = (error: unknown, more: Partial<QueryToJudge> = {}): QueryToJudge =>
  fetched({ status: 'error', error, errorUpdateCount: 1, ...more });

const calm: LiveQueries = { isUpdating: false, isOutdated: false, asOf: undefined, refusal: undefined };
const LIVE: LiveStatus = { phase: 'live', since: ago(40), transport: 'websocket' };
const LOST: LiveStatus = { phase: 'reconnecting', since: ago(1), retryAt: NOW, transport: 'websocket' };
const OFFLINE: LiveStatus = { phase: 'offline', since: ago(1), reason: 'browser' };

function judge(facts: Partial<Facts>, forMs = 0) {
  vi.useFakeTimers({ now: NOW });
  onTestFinished(() => void vi.useRealTimers());
  const lack = lackOf({ queries: [fetched()], lives: [calm], status: LIVE, lastLiveAt: undefined, ...facts });
  return freshnessOf(lack, NOW - forMs, NOW);
}

describe('data that is there', () => {
  test('is fresh while its events come', () => {
    expect(judge({})).toEqual({ state: 'fresh' });
  });

  test('is updating for 5 s while something is missing, then old', () => {
    const lives = [{ ...calm, isUpdating: true, asOf: ago(2) }];
    expect(judge({ lives })).toEqual({ state: 'updating' });
    expect(judge({ lives }, LONG_MS)).toEqual({ state: 'old', why: 'slow', asOf: ago(2) });
  });

  test('is old at once when a refetch has failed, as of the event that it lacks', () => {
    const lives = [{ ...calm, isUpdating: true, isOutdated: true, asOf: ago(2) }];
    const queries = [failed(DOWN)];
    expect(judge({ lives, queries })).toEqual({ state: 'old', why: 'failed', asOf: ago(2), error: DOWN });
  });

  test('is old as of when the connection was live last, or of a fetch after that', () => {
    const lost = { status: LOST, lastLiveAt: ago(10) };
    expect(judge(lost)).toEqual({ state: 'updating' });
    expect(judge(lost, LONG_MS)).toEqual({ state: 'old', why: 'reconnecting', asOf: ago(10) });
    expect(judge({ ...lost, queries: [fetched({ dataUpdatedAt: ago(3) })] }, LONG_MS)).toMatchObject({
      asOf: ago(3),
    });
    expect(judge({ status: LOST }, LONG_MS)).toMatchObject({ asOf: ago(30) });
  });

  test('is old at once offline, and says the gravest of several reasons and the oldest moment', () => {
    const lives = [{ ...calm, isUpdating: true, isOutdated: true, asOf: ago(20) }];
    const offline = judge({ status: OFFLINE, lastLiveAt: ago(1), lives });
    expect(offline).toEqual({ state: 'old', why: 'offline', asOf: ago(20) });
  });

  test('of which events are refused is as old as its fetch', () => {
    const refusal = { code: 'FORBIDDEN', message: 'Not for your role.' };
    const lives = [{ ...calm, refusal }];
    expect(judge({ lives })).toEqual({ state: 'old', why: 'not-live', asOf: ago(30), refusal });
  });

  test('that nothing keeps live is old when its fetch fails or waits for the network', () => {
    const alone = { lives: [], status: LOST };
    expect(judge(alone)).toEqual({ state: 'fresh' });
    expect(judge({ ...alone, queries: [failed(DOWN)] })).toMatchObject({
      state: 'old',
      why: 'failed',
      asOf: ago(30),
    });
    expect(judge({ ...alone, queries: [fetched({ fetchStatus: 'paused' })] })).toMatchObject({
      why: 'offline',
    });
  });

  test('that events keep live is not old because a fetch has failed that nothing asked for', () => {
    expect(judge({ queries: [failed(DOWN)] })).toEqual({ state: 'fresh' });
  });

  test('goes when the REST API refuses it, and stays when a proxy answers with a page', () => {
    expect(judge({ queries: [fetched(), failed(GONE)] })).toEqual({ state: 'refused', error: GONE });
    const lives = [{ ...calm, isUpdating: true, isOutdated: true, asOf: ago(2) }];
    expect(judge({ queries: [failed(PAGE)], lives })).toMatchObject({ state: 'old', why: 'failed' });
  });

  test('is not old because the REST API refuses what is shown beside it, such as a deleted crate in a sheet', () => {
    expect(judge({ lives: [{ ...calm, isOutdated: true, asOf: ago(2) }] })).toEqual({ state: 'fresh' });
  });
});

describe('data that is not there', () => {
  const first = { state: 'waiting', since: NOW, isLong: false, why: 'slow' };

  test('is waited for, and after 5 s the server is slow', () => {
    expect(judge({ queries: [fetched(), pending()] })).toEqual(first);
    expect(judge({ queries: [pending()] }, LONG_MS)).toEqual({
      ...first,
      since: NOW - LONG_MS,
      isLong: true,
    });
  });

  test('is waited for while the rows of another key stand in', () => {
    expect(judge({ queries: [fetched({ isPlaceholderData: true })] })).toEqual(first);
  });

  test('says at once that it has failed, also while it is tried again', () => {
    const data = { data: undefined, dataUpdatedAt: 0 };
    expect(judge({ queries: [failed(DOWN, data)] })).toMatchObject({
      isLong: true,
      why: 'failed',
      error: DOWN,
    });
    expect(judge({ queries: [pending({ errorUpdateCount: 1 })] })).toMatchObject({
      isLong: true,
      why: 'failed',
    });
    expect(judge({ queries: [pending({ failureReason: DOWN })] })).toMatchObject({
      why: 'failed',
      error: DOWN,
    });
  });

  test('cannot be fetched offline', () => {
    expect(judge({ queries: [pending({ fetchStatus: 'paused' })] })).toMatchObject({
      isLong: true,
      why: 'offline',
    });
  });

  test('is not waited for if its query is disabled', () => {
    expect(judge({ queries: [pending({ fetchStatus: 'idle' })] })).toEqual({ state: 'fresh' });
  });
});

test.each([
  [{ response: { status: 403 } }, true],
  [{ status: 410 }, true],
  [GONE, true],
  [
    { response: { status: 403, headers: { 'Content-Type': 'application/problem+json; charset=utf-8' } } },
    true,
  ],
  [new Response('{}', { status: 404, headers: { 'content-type': 'application/json' } }), true],
  [PAGE, false],
  [new Response('default backend - 404', { status: 404 }), false],
  [{ response: { status: 502, headers: { 'content-type': 'application/json' } } }, false],
  [DOWN, false],
  [null, false],
])('%o is a refusal of the REST API: %s', (error, expected) => {
  expect(isRefusal(error)).toBe(expected);
});

describe('when the connection was live last', () => {
  function useLiveness() {
    vi.useFakeTimers({ now: NOW });
    onTestFinished(() => void vi.useRealTimers());
    const client = createFakeLiveClient();
    const liveness = createLiveness(client);
    const stop = liveness.watch(() => undefined);
    client.setPhase('live');
    return { client, liveness, stop };
  }

  test('is when it was lost, however often it is tried again', async () => {
    const { client, liveness } = useLiveness();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(liveness.lastLiveAt()).toBeUndefined();
    client.cut();
    await vi.advanceTimersByTimeAsync(60_000);
    client.setPhase('connecting');
    client.cut();
    expect(liveness.lastLiveAt()).toBe(NOW + 60_000);
    client.setPhase('live');
    expect(liveness.lastLiveAt()).toBeUndefined();
  });

  test('is before a laptop slept, if it wakes without a connection', async () => {
    const { client, liveness } = useLiveness();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.setSystemTime(NOW + 8 * 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000); // its timers run before it is noticed
    client.cut();
    expect(liveness.lastLiveAt()).toBe(NOW + 60_000);
  });

  test('is watched without a timer that outlives its watchers', () => {
    const { stop } = useLiveness();
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('trying again reconnects, and fetches what failed or hangs, and nothing else', async () => {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  onTestFinished(() => queryClient.clear());
  const asked: string[] = [];
  let isDown = true;
  const watch = (name: string, isBad: boolean, fails: boolean) =>
    new QueryObserver(queryClient, {
      queryKey: [name],
      queryFn() {
        asked.push(name);
        if (isBad && isDown) return fails ? Promise.reject(DOWN) : new Promise<string>(() => undefined);
        return name;
      },
    }).subscribe(() => undefined);
  watch('good', false, false);
  watch('failed', true, true);
  watch('hangs', true, false);
  const has = (name: string, status: string) =>
    vi.waitFor(() => expect(queryClient.getQueryState([name])?.status).toBe(status));
  await has('good', 'success');
  await has('failed', 'error');
  isDown = false;
  const reconnect = vi.fn();
  retryNow({ status: LOST, reconnect }, queryClient);
  await has('hangs', 'success');
  await has('failed', 'success');
  expect(asked.slice(3).sort()).toEqual(['failed', 'hangs']);
  expect(reconnect).toHaveBeenCalledOnce();
  retryNow({ status: LIVE, reconnect }, queryClient);
  expect(reconnect).toHaveBeenCalledOnce();
});
