/** With any race between fetch, subscription and commit, the screen ends with the truth; and on a quiet day each query is fetched once. */
import { QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createBackoff } from '../../client/src/connection/backoff.ts';
import type { Link, LinkRequest, LinkSink } from '../../client/src/connection/link.ts';
import { createSubscriptions } from '../../client/src/connection/subscriptions.ts';
import {
  createQueryBridge,
  type RequestFieldsFragment,
  RequestUpdatedDocument,
} from '../../client/src/index.ts';
import { sample } from './support/sample.ts';

const RUNS = Number(process.env['RACES'] ?? 100);

/** How long each thing takes, in milliseconds. */
interface Pace {
  /** From the commit until the event is in the log: the outbox of the DMS is relayed. */
  readonly relay: number;
  /** From the client to the server, and back. */
  readonly there: number;
  readonly back: number;
  /** From the server that a subscription is sent to until its topic is open. */
  readonly opening: number;
}

interface Entry {
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A DMS and a server, which replays the past as the protocol has it. */
function createWorld({ relay, there, back, opening }: Pace) {
  const requests = new Map<string, RequestFieldsFragment>();
  const log: Entry[] = [];
  const running = new Set<(position: number) => void>();
  let events = 0;
  const after = (ms: number, run: () => void): void => void setTimeout(run, ms);

  function append(data: Entry['data']): void {
    log.push({ at: performance.now(), data });
    for (const deliver of [...running]) deliver(log.length - 1);
  }

  function begin(request: LinkRequest, sink: LinkSink, isOver: () => boolean): () => void {
    const send = (what: (sink: LinkSink) => void): void => after(back, () => isOver() || what(sink));
    const next = (position: number, isPast: boolean): void => {
      const entry = log[position];
      const dated = isPast ? { at: Math.ceil(entry?.at ?? 0) } : {};
      send(({ next: deliver }) =>
        deliver({ data: entry?.data, extensions: { cursor: `${position + 1}`, ...dated } }),
      );
    };
    const now = performance.now();
    const isPast = request.after === undefined && request.pastMs !== undefined;
    const ms = Math.min(request.pastMs ?? 0, 60_000);
    const inPast = log.findIndex(({ at }) => at >= now - ms);
    let first = log.length;
    if (request.after !== undefined) first = Number(request.after);
    else if (isPast && inPast >= 0) first = inPast;
    if (isPast) send(({ past }) => past({ ms: Math.floor(ms), now: Math.floor(now) }));
    for (let position = first; position < log.length; position += 1) next(position, true);
    const end = `${log.length}`; // as of now, and not of when the client receives it
    send(({ position }) => position(end));
    const live = (position: number): void => next(position, false);
    running.add(live);
    return () => running.delete(live);
  }

  return {
    save(request: RequestFieldsFragment): void {
      const action = requests.has(request.id) ? 'UPDATED' : 'CREATED';
      requests.set(request.id, request);
      events += 1;
      const event = { id: `${events}`, occurredAt: new Date().toISOString(), actor: null, action, request };
      after(relay, () => append({ requestUpdated: event }));
    },
    answer([, , status, , form]: QueryKey): unknown {
      const rows = [...requests.values()]
        .filter((request) => status === 'all' || request.status === status)
        .map((request) => sample.restRow(request));
      return form === 2 ? { count: rows.length, results: rows.slice(0, 2) } : rows;
    },
    openLink(): Link {
      let isClosed = false;
      return {
        transport: 'websocket',
        isRenewable: true,
        run(request, sink) {
          let isStopped = false;
          let stop = (): void => undefined;
          const isOver = (): boolean => isStopped || isClosed;
          after(there + opening, () => {
            if (!isOver()) stop = begin(request, sink, isOver);
          });
          return () => {
            isStopped = true;
            stop();
          };
        },
        check: () => undefined,
        close() {
          isClosed = true;
        },
      };
    },
  };
}

const KEYS: readonly QueryKey[] = [
  ['requests', 'all', 'all', 5],
  ['requests', 'all', 'PENDING', 5],
  ['requests', 'all', 'all', 5, 2],
];

const soon = fc.constantFrom(0, 1, 5, 20, 100, 400, 2000);
const pace = fc.record({ relay: soon, there: soon, back: soon, opening: soon });
const commits = fc.array(
  fc.record({ at: fc.nat(4000), id: fc.constantFrom('1', '2', '3'), request: sample.anyRequest }),
  { maxLength: 8 },
);
const screen = fc.record({
  fetchAt: fc.tuple(fc.nat(3000), fc.nat(3000), fc.nat(3000)),
  followAt: fc.nat(3000),
  linkAt: fc.nat(3000),
  cutAt: fc.option(fc.nat(8000)),
  isFollowedByOthers: fc.boolean(),
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('races between fetch, subscription and commit end with the truth', async () => {
  vi.useFakeTimers();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined); // of derived fields
  try {
    await fc.assert(fc.asyncProperty(pace, commits, screen, race), { numRuns: RUNS });
  } finally {
    warn.mockRestore();
    vi.useRealTimers();
  }
});

type Made<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

async function race(
  times: Pace,
  saved: Made<typeof commits>,
  { fetchAt, followAt, linkAt, cutAt, isFollowedByOthers }: Made<typeof screen>,
): Promise<void> {
  const world = createWorld(times);
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  const subscriptions = createSubscriptions(
    () => createBackoff(100, 1000),
    () => undefined,
  );
  const bridge = createQueryBridge(queryClient, subscriptions);
  const fetches = KEYS.map(() => 0);
  const stops: (() => void)[] = [];
  const at = (ms: number, run: () => void): void => void setTimeout(run, ms);

  for (const { at: committedAt, id, request } of saved) at(committedAt, () => world.save({ ...request, id }));
  for (const [index, queryKey] of KEYS.entries())
    at(fetchAt[index] ?? 0, () => {
      const observer = new QueryObserver(queryClient, {
        queryKey,
        async queryFn() {
          fetches[index] = (fetches[index] ?? 0) + 1;
          await pause(times.there);
          const answer = world.answer(queryKey);
          await pause(times.back);
          return answer;
        },
      });
      stops.push(observer.subscribe(() => undefined));
    });
  let notified = 0;
  if (isFollowedByOthers)
    stops.push(
      subscriptions.follow(RequestUpdatedDocument, { unitId: '5' }, { event: () => (notified += 1) }),
    );
  at(followAt, () => stops.push(bridge.follow('requests', 5)));
  at(linkAt, () => subscriptions.attach(world.openLink()));
  if (cutAt !== null)
    at(linkAt + cutAt, () => {
      subscriptions.detach();
      subscriptions.attach(world.openLink());
    });

  await vi.advanceTimersByTimeAsync(60_000);
  for (const queryKey of KEYS)
    expect({ queryKey, data: queryClient.getQueryData(queryKey) }).toEqual({
      queryKey,
      data: world.answer(queryKey),
    });
  const roundTrip = times.there + times.opening + times.back;
  // A subscription that others began, who want nothing of the past, does not know what happened before it.
  const isKnown = !isFollowedByOthers || Math.min(...fetchAt) > linkAt + roundTrip;
  if (saved.length === 0 && roundTrip < 2900 && isKnown) expect(fetches).toEqual([1, 1, 1]);
  expect(notified).toBeLessThanOrEqual(saved.length);
  for (const stop of stops) stop();
  await vi.advanceTimersByTimeAsync(2000);
  queryClient.clear();
  expect(vi.getTimerCount()).toBe(0);
}
