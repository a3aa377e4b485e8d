/** `dms-live-react/devtools`: why a query changed or did not, for each reason that the bridge has. */
import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { recorderOf, type SeenEvent } from '../../client/src/devtools/recorder.ts';
import { sentenceOf, type WhyCode } from '../../client/src/devtools/sentences.ts';
import { LiveDevtoolsPanel } from '../../client/src/devtools.ts';
import {
  CrateUpdatedDocument,
  createQueryBridge,
  DashboardKpisDocument,
  LiveProvider,
  type QueryBridgeOptions,
  RequestUpdatedDocument,
  StorageUpdatedDocument,
} from '../../client/src/index.ts';
import { bridgeOf } from '../../client/src/query/bridge-of.ts';
import { insidesOf } from '../../client/src/query/trace.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { ALL, PENDING, request, row, useCache } from './support/cache.ts';
import { sample } from './support/sample.ts';

/** A bridge that follows everything, and is recorded. */
function useRecorded(options?: QueryBridgeOptions) {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  const cache = useCache(options, { retry: false });
  for (const kind of ['requests', 'crates', 'storage', 'kpis'] as const) cache.bridge.follow(kind, 5);
  for (const document of [
    RequestUpdatedDocument,
    CrateUpdatedDocument,
    StorageUpdatedDocument,
    DashboardKpisDocument,
  ])
    cache.live.start(document);
  const recorder = recorderOf(insidesOf(cache.bridge));
  onTestFinished(recorder.begin());
  return { ...cache, recorder };
}

type Recorded = ReturnType<typeof useRecorded>;

/** A query, and an event that it is about. */
interface Scenario {
  readonly key: readonly unknown[];
  readonly data: unknown;
  readonly options?: QueryBridgeOptions;
  readonly event: (live: Recorded['live'], cache: Recorded) => void;
  /** How it reads, where fields are named. */
  readonly says?: string;
}

const approve = (live: Recorded['live']) => live.request('APPROVED', request(1, 'APPROVED'));
const throws = (): never => {
  throw new Error('not my day');
};
const crate = (storage: unknown) => ({ id: 7, status: 'Active', unit_id: 5, storage });
const list = [row(1), row(2)];
const kpis = { unit_id: 5, pending_approvals: 3, computed_at: '2026-01-01T00:00:00Z' };

const SCENARIOS: Readonly<Record<WhyCode, Scenario>> = {
  enters: { key: ALL, data: [], event: approve },
  leaves: { key: PENDING, data: list, event: approve, says: 'key (status, unitId) any' },
  'unknown-filter': { key: ['requests', 'all', 'Odd', 5], data: list, event: approve },
  'other-page': { key: PENDING, data: { count: 9, results: [row(2)] }, event: approve },
  'no-ids': { key: PENDING, data: [{ status: 'Pending' }], event: approve },
  'unknown-form': { key: ALL, data: 'rows', event: approve },
  figures: { key: ['request-figures', 5], data: { by_status: [] }, event: approve },
  moved: {
    key: ['requests'],
    data: list,
    event: (live) => live.request('MOVED_OUT', request(1)),
  },
  'page-shrinks': {
    key: ALL,
    data: { count: 9, results: list },
    event: (live) => live.request('MOVED_OUT', request(1)),
  },
  removed: {
    key: ['crate', 7],
    data: crate(null),
    event: (live) => live.crate('DELETED', sample.crate({ id: '7' })),
  },
  'other-fields': {
    key: ALL,
    data: [{ ...row(1), status_display: 'Pending' }],
    event: approve,
    says: 'that no event has (status_display): ',
  },
  unclear: {
    key: ALL,
    data: [{ ...row(1), allocated_by: 'somebody' }],
    event: (live) => live.request('UPDATED', { ...request(1), allocatedBy: null }),
    says: 'value of a field (allocatedBy), or',
  },
  order: {
    key: ALL,
    data: [row(2, 'Approved'), row(1), row(3)],
    event: approve,
  },
  'order-fetch': { key: ALL, data: list, options: { order: { requests: 'fetch' } }, event: approve },
  'order-page': {
    key: ALL,
    data: { count: 9, results: list },
    options: { order: { requests: () => 1 } },
    event: approve,
  },
  'order-threw': { key: ALL, data: list, options: { order: { requests: throws } }, event: approve },
  'patches-declined': {
    key: ALL,
    data: list,
    options: { patches: { request: () => undefined } },
    event: approve,
  },
  'patches-threw': { key: ALL, data: list, options: { patches: { request: throws } }, event: approve },
  'nested-in-words': {
    key: ['crates', 'all', 5],
    data: [crate('R1 / A / 2')],
    event: (live) => live.storage('UPDATED', [sample.storage({ id: '2' })]),
  },
  same: { key: ALL, data: list, event: (live) => live.request('UPDATED', request(1)) },
  filtered: { key: PENDING, data: [row(2)], event: approve },
  'not-nested': {
    key: ['crates', 'all', 5],
    data: [crate({ id: 3, room_name: 'R1' })],
    event: (live) => live.storage('UPDATED', [sample.storage({ id: '2' })]),
  },
  state: {
    key: ['dashboard', 5],
    data: kpis,
    event: (live) => live.kpis(sample.kpis({ unitId: '6' })),
  },
  'no-data': { key: ALL, data: new Error('502'), event: approve },
  'other-entity': { key: ['request', 1], data: row(2), event: approve },
  contested: {
    key: ['crate', 7],
    data: { id: 7, status: 'Active' },
    event(live) {
      live.request('UPDATED', { ...request(1), crate: sample.crate({ id: '7' }) });
      live.crate('UPDATED', sample.crate({ id: '7', status: 'ARCHIVED' }));
    },
  },
  compared: {
    key: ALL,
    data: list,
    event(live, { bridge }) {
      const release = bridge.hold('request', 1);
      approve(live);
      release();
    },
  },
  answered: {
    key: ALL,
    data: list,
    event(live, { bridge, queryClient }) {
      const release = bridge.hold('request', 1);
      approve(live);
      void queryClient.refetchQueries({ queryKey: ALL });
      setTimeout(release, 500);
    },
  },
  'being-fetched': {
    key: ALL,
    data: list,
    event(live, { queryClient }) {
      void queryClient.refetchQueries({ queryKey: ALL });
      approve(live);
    },
  },
};

const whyOf = (event: SeenEvent | undefined) =>
  [...(event?.touches.values() ?? [])].flatMap(({ why }) => why);

describe('the reason', () => {
  test.each(Object.entries(SCENARIOS))('%s', async (code, { key, data, options, event, says }) => {
    const cache = useRecorded(options);
    await cache.watch(key, data);
    await cache.pass(200);
    event(cache.live, cache);
    await cache.pass(3000);
    const why = whyOf(cache.recorder.events[0]);
    expect(why.map((one) => one.code)).toContain(code);
    if (says !== undefined) expect(why.map(sentenceOf).join(' ')).toContain(says);
  });
});

test('an event that is older than one before is dropped, and one about a held entity waits', async () => {
  const { live, bridge, recorder, pass } = useRecorded();
  const fates = () => recorder.events.map(({ fate }) => fate);
  live.kpis(sample.kpis({ computedAt: '2026-01-02T00:00:00Z' }));
  live.kpis(sample.kpis({ computedAt: '2026-01-01T00:00:00Z' }));
  const release = bridge.hold('request', 1);
  approve(live);
  await pass(100);
  expect(fates()).toEqual(['held', 'older', 'written']);
  release();
  await pass(2000);
  expect(fates()).toEqual(['written', 'older', 'written']);
});

describe('the panel', () => {
  function usePanel() {
    vi.useFakeTimers();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    onTestFinished(() => void vi.restoreAllMocks());
    onTestFinished(() => void vi.useRealTimers());
    const client = createFakeLiveClient();
    const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    const bridge = bridgeOf(client, queryClient, {});
    onTestFinished(recorderOf(insidesOf(bridge)).begin());
    bridge.follow('requests', 5);
    const panel = createElement(LiveDevtoolsPanel);
    const live = createElement(LiveProvider, { client }, panel);
    return {
      client,
      queryClient,
      bridge,
      pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
      approve: () =>
        client.emit(RequestUpdatedDocument, {
          requestUpdated: {
            action: 'APPROVED',
            actor: { id: '9', name: 'Noor' },
            request: { id: '1', requestType: 'WITHDRAWAL', status: 'APPROVED', unitId: '5' },
          },
        }),
      text: () =>
        renderToString(createElement(QueryClientProvider, { client: queryClient }, live))
          .replace(/<[^>]+>/g, ' ')
          .replaceAll('&quot;', '"')
          .replace(/\s+/g, ' '),
    };
  }

  test('says why a list does not change: its key is not known', async () => {
    const { queryClient, pass, approve, text } = usePanel();
    await pass(10);
    queryClient.setQueryData(['my-requests'], [row(1)]);
    approve();
    await pass(100);
    expect(text()).toContain(
      'request APPROVED 1 Noor No cached query is known to show a request. These keys are not known at all: ["my-requests"].',
    );
  });

  test('shows what became of an event in each query, and what is owed', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9); // a retry that waits for a shorter time could fail once more
    onTestFinished(() => void vi.restoreAllMocks());
    const { queryClient, pass, approve, text } = usePanel();
    const observer = new QueryObserver(queryClient, {
      queryKey: ALL,
      queryFn: () => Promise.reject(new Error('502')),
      initialData: [{ ...row(1), status_display: 'Pending' }],
      staleTime: Number.POSITIVE_INFINITY,
    });
    onTestFinished(observer.subscribe(() => undefined));
    await pass(10);
    approve();
    await pass(200);
    expect(text()).toMatch(
      /"requests","all","all",5\] : patched and fetched . The data have fields .*status_display/,
    );
    expect(text()).toMatch(
      /Owed fetches .* \["requests","all","all",5\] [\d:APM ]+ 1 Error: 502 request APPROVED 1:/,
    );
  });

  test('shows the connection, what is refused, and where each subscription is', async () => {
    const { client, pass, approve, text } = usePanel();
    await pass(10);
    approve();
    expect(text()).toMatch(/RequestUpdated {"unitId":"5"} Live (?!none)\S+ Connection .* live /);
    client.refuse(RequestUpdatedDocument, { code: 'FORBIDDEN', message: 'Not for your role.' });
    await pass(10);
    expect(text()).toContain('Refused: FORBIDDEN. Not for your role.');
    client.setPhase({ phase: 'stopped', code: 4429, reason: 'Too many connections.' });
    expect(text()).toContain('4429: Too many connections.');
  });

  test('keeps no contents of events, and records nothing while nobody looks', async () => {
    const { bridge, queryClient, pass, approve } = usePanel();
    queryClient.setQueryData(ALL, [row(1)]);
    await pass(10);
    approve();
    await pass(100);
    const recorder = recorderOf(insidesOf(bridge));
    expect(Object.keys(recorder.events[0] ?? {}).toSorted()).toEqual([
      'action',
      'actor',
      'fate',
      'ids',
      'kind',
      'number',
      'receivedAt',
      'touches',
    ]);
    for (let count = 0; count < 150; count += 1) approve();
    expect(recorder.events).toHaveLength(100);
    const { trace } = insidesOf(createQueryBridge(queryClient, createFakeLiveClient()));
    expect(trace.listener).toBeUndefined();
    const stop = recorderOf(insidesOf(bridge)).begin();
    stop();
    expect(insidesOf(bridge).trace.listener).toBeDefined(); // the test's own
  });
});
