/** With any order and delay of events and answers: in the end the cache equals the DMS. */
import { QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
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

/** A DMS of one unit. Its events are delayed, but those of one kind stay in order. */
function createDms(live: Live) {
  const requests = new Map<string, RequestFieldsFragment>();
  const crates = new Map<string, CrateFieldsFragment>();
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
    if (action === 'MOVED_OUT') requests.delete(request.id);
    else requests.set(request.id, request);
    const event = whole(request);
    const occurredAt = new Date(Date.now()).toISOString();
    publish('request', delay, () => live.request(action, event, { occurredAt }));
  }

  function saveCrate(crate: CrateFieldsFragment, delay: number): void {
    const action = crates.has(crate.id) ? 'STATUS_CHANGED' : 'CREATED';
    crates.set(crate.id, crate);
    const occurredAt = new Date(Date.now()).toISOString();
    publish('crate', delay, () => live.crate(action, crate, { occurredAt }));
  }

  const rows = (status: string, type: string) =>
    [...requests.values()]
      .filter((request) => status === 'all' || request.status === status)
      .filter((request) => type === 'all' || request.requestType === type)
      .toSorted((one, other) => Number(other.id) - Number(one.id))
      .map((request) => sample.restRow(whole(request)));

  return {
    requests,
    crates,
    saveRequest,
    saveCrate,
    /** The REST API's answer to a query with this key. */
    answer([name, first, second, , form]: QueryKey): unknown {
      if (name === 'crates')
        return [...crates.values()].filter(({ status }) => status === first).map(sample.restRow);
      if (name === 'request') {
        const request = requests.get(String(first));
        return request === undefined ? null : sample.restRow(whole(request));
      }
      const all = rows(String(second), String(first));
      if (form === 3) return all.map(withDerived);
      if (form === 2) return { count: all.length, results: all.slice(0, 2) };
      return all;
    },
  };
}

/** A row with fields that no event has: the server derives them. */
function withDerived(row: Readonly<Record<string, unknown>>): object {
  const { crate, ...others } = row;
  const { id = null, status = null } = Object(crate);
  return { ...others, status_display: `It is ${row['status']}`, crate: id, crate_status: status };
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
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('mutate' as const),
      request: sample.anyRequest,
      delay: ms,
      lasts: ms,
    }),
  },
);

const plan = fc.array(fc.record({ after: ms, step }), { minLength: 1, maxLength: 25 });
const pace = fc.array(fc.record({ until: ms, back: ms, fails: fc.constantFrom(false, false, true) }), {
  minLength: 1,
  maxLength: 5,
});

test('the cache ends equal to the DMS', async () => {
  vi.useFakeTimers();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined); // of derived fields, in each run
  try {
    await fc.assert(fc.asyncProperty(plan, pace, fc.boolean(), check), { numRuns: 500 });
  } finally {
    warn.mockRestore();
    vi.useRealTimers();
  }
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;
type Pace = typeof pace extends fc.Arbitrary<infer Value> ? Value : never;

const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

async function check(steps: Plan, paces: Pace, heedsCancelling: boolean): Promise<void> {
  const live = createFakeLive();
  const dms = createDms(live);
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  const bridge = createQueryBridge(queryClient, live.client);
  let fetches = 0;
  let isOver = false;
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
  const leave = observers.map((observer): (() => void) | undefined => observer.subscribe(() => {}));
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
      const mutation = queryClient.getMutationCache().build(queryClient, {
        async mutationFn() {
          happen({ is: 'save', id: '1', request: next.request, delay: next.delay });
          await pause(next.lasts);
        },
      });
      void mutation.execute(undefined);
    } else if (next.is === 'refetch')
      void observers[next.key]?.refetch({ cancelRefetch: next.key % 2 === 0 });
    else {
      const isThere = leave[next.key];
      isThere?.();
      leave[next.key] = isThere ? undefined : observers[next.key]?.subscribe(() => {});
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
    expect({ queryKey, data: state?.data }).toEqual({ queryKey, data: dms.answer(queryKey) });
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
