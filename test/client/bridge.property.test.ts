/** With any order and delay of events and answers: in the end the cache equals the DMS. */
import { notifyManager, QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
  type CrateFieldsFragment,
  CrateUpdatedDocument,
  createQueryBridge,
  type RequestAction,
  type RequestFieldsFragment,
  RequestUpdatedDocument,
} from '../../client/src/index.ts';
import { createFakeLive } from './support/fake-live.ts';
import { sample } from './support/sample.ts';

type Live = ReturnType<typeof createFakeLive>;

/** A DMS of one unit. Its events are delayed, but those of one kind stay in order. Each state has a mark that only grows. */
function createDms(live: Live, hasVersions: boolean) {
  const requests = new Map<string, RequestFieldsFragment>();
  const crates = new Map<string, CrateFieldsFragment>();
  let version = 0;
  const markOf = (): string => new Date(Date.UTC(2030, 0, version + 1)).toISOString();

  const happened = () => ({
    occurredAt: new Date(Date.now()).toISOString(),
    ...(hasVersions && { version }),
  });

  const receivedAt = { request: 0, crate: 0 };

  function publish(kind: 'request' | 'crate', delay: number, say: () => void): void {
    receivedAt[kind] = Math.max(receivedAt[kind] + 1, Date.now() + delay);
    setTimeout(say, receivedAt[kind] - Date.now());
  }

  const whole = (request: RequestFieldsFragment): RequestFieldsFragment => ({
    ...request,
    crate: (request.crate && crates.get(request.crate.id)) ?? null,
  });

  function saveRequest(action: RequestAction, request: RequestFieldsFragment, delay: number): void {
    version += 1;
    const marked = { ...request, ...(action !== 'MOVED_OUT' && { expectedReturnDate: markOf() }) };
    if (action === 'MOVED_OUT') requests.delete(request.id);
    else requests.set(request.id, marked);
    const event = whole(marked);
    const happening = happened();
    publish('request', delay, () => live.request(action, event, happening));
  }

  function saveCrate(crate: CrateFieldsFragment, delay: number): void {
    const action = crates.has(crate.id) ? 'STATUS_CHANGED' : 'CREATED';
    version += 1;
    const marked = { ...crate, storage: placeOf(crate), destructionDate: markOf() };
    crates.set(crate.id, marked);
    const happening = happened();
    publish('crate', delay, () => live.crate(action, marked, happening));
  }

  const withVersion = (row: object): object => (hasVersions ? { ...row, live_version: version } : row);
  const requestRow = (request: RequestFieldsFragment) => withVersion(sample.restRow(whole(request)));

  const rows = (status: string, type: string) =>
    [...requests.values()]
      .filter((request) => status === 'all' || request.status === status)
      .filter((request) => type === 'all' || request.requestType === type)
      .toSorted((one, other) => Number(other.id) - Number(one.id))
      .map(requestRow);

  return {
    requests,
    crates,
    saveRequest,
    saveCrate,
    /** The REST API's answer to a query with this key. */
    answer([name, first, second, , form]: QueryKey): unknown {
      if (name === 'crates')
        return [...crates.values()]
          .filter(({ status }) => status === first)
          .map((crate) => withVersion(sample.restRow(crate)));
      if (name === 'request') {
        const request = requests.get(String(first));
        return request === undefined ? null : requestRow(request);
      }
      const all = rows(String(second), String(first));
      if (form === 3) return all.map(withDerived);
      if (form === 2) return { count: all.length, results: all.slice(0, 2) };
      return all;
    },
  };
}

/** Events of locations are not followed here, so a location never changes: crates that are in the same one say the same of it. */
const placeOf = ({ storage }: CrateFieldsFragment): CrateFieldsFragment['storage'] =>
  storage && { ...storage, rackName: storage.id };

/** A row with fields that no event has: the server derives them. */
function withDerived(row: object): object {
  const { crate, ...others } = Object(row);
  const { id = null, status = null } = Object(crate);
  return { ...others, status_display: `It is ${others.status}`, crate: id, crate_status: status };
}

const KEYS: readonly QueryKey[] = [
  ['requests', 'all', 'all', 5],
  ['requests', 'all', 'PENDING', 5],
  ['requests', 'WITHDRAWAL', 'APPROVED', 5],
  ['requests', 'all', 'all', 5, 2],
  ['requests', 'all', 'all', 5, 3],
  ['request', '1'],
  ['request', '2'],
  ['crates', 'ACTIVE', 5],
];

const id = fc.constantFrom('1', '2', '3', '4');
const ms = fc.constantFrom(0, 0, 1, 10, 50, 200, 1500);

/** The next step. Its event arrives `delay` ms later. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ is: fc.constant('save' as const), id, request: sample.anyRequest, delay: ms }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('move out' as const), id, delay: ms }) },
  {
    weight: 3,
    arbitrary: fc.record({ is: fc.constant('crate' as const), crate: sample.anyCrate, delay: ms }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('leave or come' as const), key: fc.nat(KEYS.length - 1) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('refetch' as const), key: fc.nat(KEYS.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('set' as const), key: fc.nat(KEYS.length - 1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('mutate' as const),
      request: sample.anyRequest,
      delay: ms,
      lasts: ms,
      fails: fc.boolean(),
    }),
  },
);

const plan = fc.array(fc.record({ after: ms, step }), { minLength: 1, maxLength: 25 });
const pace = fc.array(fc.record({ until: ms, back: ms, fails: fc.constantFrom(false, false, true) }), {
  minLength: 1,
  maxLength: 5,
});

test('the cache ends equal to the DMS, and with versions never goes back', async () => {
  vi.useFakeTimers();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined); // of derived fields, in each run
  try {
    await fc.assert(fc.asyncProperty(plan, pace, fc.boolean(), fc.boolean(), check), { numRuns: 250 });
  } finally {
    warn.mockRestore();
    vi.useRealTimers();
  }
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;
type Pace = typeof pace extends fc.Arbitrary<infer Value> ? Value : never;

const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

/** Looks at what a query shows of each entity: never an older state than before. */
function createLook(observer: QueryObserver): () => void {
  const shown = new Map<string, string>();
  function note(entity: string, mark: unknown): void {
    if (typeof mark !== 'string') return;
    expect(mark >= (shown.get(entity) ?? ''), `${entity} goes back to ${mark}`).toBe(true);
    shown.set(entity, mark);
  }
  return () => {
    const { data } = observer.getCurrentResult();
    const rows: readonly object[] = Array.isArray(data) ? data : (Object(data).results ?? [Object(data)]);
    for (const row of rows) {
      const { id, expected_return_date: mark, destruction_date: own, crate } = Object(row);
      note(`${id}`, mark ?? own);
      if (crate !== null && typeof crate === 'object')
        note(`crate ${crate.id} of ${id}`, crate.destruction_date);
    }
  };
}

/** What the server knew when it answered stays as it was when events are written. */
function withoutVersions(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null), (key, value) =>
    key === 'live_version' ? undefined : value,
  );
}

async function check(
  steps: Plan,
  paces: Pace,
  heedsCancelling: boolean,
  hasVersions: boolean,
): Promise<void> {
  const live = createFakeLive();
  const dms = createDms(live, hasVersions);
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  const bridge = createQueryBridge(queryClient, live.client);
  const seen = new Map<QueryKey, unknown>();
  let fetches = 0;
  let isOver = false;
  /** Without what any mutation under way has written: the app does not roll back to what another one was about to roll back. */
  let before: unknown;
  const observers = KEYS.map(
    (queryKey) =>
      new QueryObserver(queryClient, {
        queryKey,
        async queryFn({ signal }) {
          const { until, back, fails } = paces[fetches++ % paces.length] ?? {
            until: 0,
            back: 0,
            fails: false,
          };
          await pause(until);
          if (heedsCancelling) signal.throwIfAborted();
          const answer = dms.answer(queryKey);
          await pause(back);
          if (fails && !isOver) throw new Error('502');
          return answer;
        },
      }),
  );
  const isOfApp = steps.some(({ step: { is } }) => is === 'set' || is === 'mutate');
  const looks = observers.map((observer) =>
    hasVersions && !isOfApp ? createLook(observer) : () => undefined,
  );
  const look = (index: number): (() => void) | undefined =>
    observers[index]?.subscribe(notifyManager.batchCalls(() => looks[index]?.()));
  const leave = observers.map((_observer, index) => look(index));
  const stops = [bridge.follow('requests', 5), bridge.follow('crates', 5)];
  await vi.advanceTimersByTimeAsync(20);
  live.start(RequestUpdatedDocument);
  live.start(CrateUpdatedDocument);

  function happen(next: Plan[number]['step']): void {
    if (next.is === 'save') {
      const before = dms.requests.get(next.id);
      const crate = next.request.crate;
      if (crate !== null && !dms.crates.has(crate.id)) dms.saveCrate(crate, next.delay);
      const constant = before && { createdAt: before.createdAt, createdBy: before.createdBy };
      dms.saveRequest(
        before ? 'UPDATED' : 'CREATED',
        { ...next.request, ...constant, id: next.id },
        next.delay,
      );
    } else if (next.is === 'move out') {
      const request = dms.requests.get(next.id);
      if (request !== undefined) dms.saveRequest('MOVED_OUT', request, next.delay);
    } else if (next.is === 'crate') dms.saveCrate(next.crate, next.delay);
    else if (next.is === 'mutate') {
      const queryKey = KEYS[0] ?? [];
      const mutation = queryClient.getMutationCache().build<unknown, Error, unknown, unknown>(queryClient, {
        async mutationFn() {
          await pause(next.lasts);
          if (next.fails) throw new Error('400');
          happen({ is: 'save', id: '1', request: next.request, delay: next.delay });
          await pause(next.lasts);
        },
        onMutate() {
          if (queryClient.isMutating() === 1) before = queryClient.getQueryData(queryKey);
          queryClient.setQueryData(queryKey, (rows: unknown) =>
            Array.isArray(rows)
              ? rows.map((row) => (row.id === 1 ? { ...row, status: 'Optimistic' } : row))
              : rows,
          );
        },
        onError: () => queryClient.setQueryData(queryKey, before),
        meta: { live: { kind: 'request', id: 1 } },
      });
      void mutation.execute(undefined).catch(() => undefined);
    } else if (next.is === 'set') {
      // What was true the last time, or is true now.
      const queryKey = KEYS[next.key] ?? [];
      const now = dms.answer(queryKey);
      queryClient.setQueryData(queryKey, seen.get(queryKey) ?? now);
      seen.set(queryKey, now);
    } else if (next.is === 'refetch')
      void observers[next.key]?.refetch({ cancelRefetch: next.key % 2 === 0 });
    else {
      const isThere = leave[next.key];
      isThere?.();
      leave[next.key] = isThere ? undefined : look(next.key);
    }
  }

  for (const { after, step: next } of steps) {
    await vi.advanceTimersByTimeAsync(after);
    happen(next);
  }
  isOver = true;
  await vi.advanceTimersByTimeAsync(60_000);
  for (const [index, queryKey] of KEYS.entries()) {
    const state = queryClient.getQueryState(queryKey);
    if (leave[index] === undefined && (state?.data === undefined || state.isInvalidated)) continue; // fetched when it gets an observer
    const data = withoutVersions(state?.data);
    expect({ queryKey, data }).toEqual({ queryKey, data: withoutVersions(dms.answer(queryKey)) });
    expect(state?.fetchStatus).toBe('idle');
  }
  for (const kind of ['requests', 'crates'] as const)
    expect([bridge.isUpdating(kind), bridge.isOutdated(kind)]).toEqual([false, false]);
  for (const stop of [...stops, ...leave]) stop?.();
  await vi.advanceTimersByTimeAsync(2000);
  expect(live.followed()).toEqual([]);
  queryClient.clear();
  expect(vi.getTimerCount()).toBe(0);
}
