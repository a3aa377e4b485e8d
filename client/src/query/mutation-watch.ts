import type { Mutation, MutationCache, MutationCacheNotifyEvent } from '@tanstack/react-query';
import type { Received } from './query-writer.ts';

/** The mutations that are under way, and the events that were received since they began. */
export interface MutationWatch {
  /** When the oldest of them began; `undefined`: there is none. */
  readonly since: number | undefined;
  /** An event was received. */
  note(received: Received): void;
  /** What was received while they were under way; `undefined`: more than is kept. */
  received(): readonly Received[] | undefined;
  stop(): void;
}

export interface MutationListener {
  began(mutation: Mutation): void;
  ended(mutation: Mutation, how: { readonly hasFailed: boolean }): void;
  /**
   * None is under way any more.
   * @param areTangled several were at once, and one has failed: what it rolled back to may be a value that another one has shown.
   */
  over(areTangled: boolean): void;
}

/** More events than this are not kept. */
const KEPT = 1000;

/** @param tick the next moment. */
export function watchMutations(
  cache: MutationCache,
  tick: () => number,
  listener: MutationListener,
): MutationWatch {
  /** In the order in which they began. */
  const underWay = new Map<Mutation, number>();
  let events: Received[] = [];
  const pending = new Set<Mutation>();
  let haveOverlapped = false;
  let hasOneFailed = false;

  function begin(mutation: Mutation): void {
    underWay.set(mutation, tick());
    haveOverlapped ||= pending.size > 0;
    pending.add(mutation);
    listener.began(mutation);
  }

  function end(mutation: Mutation, hasFailed: boolean): void {
    if (!pending.delete(mutation)) return;
    hasOneFailed ||= hasFailed;
    listener.ended(mutation, { hasFailed });
    // What comes right after its promise, such as a `setQueryData` of its answer, still belongs to it.
    setTimeout(() => forget(mutation));
  }

  function forget(mutation: Mutation): void {
    underWay.delete(mutation);
    if (underWay.size > 0) return;
    const areTangled = haveOverlapped && hasOneFailed;
    events = [];
    haveOverlapped = hasOneFailed = false;
    listener.over(areTangled);
  }

  function onEvent(event: MutationCacheNotifyEvent): void {
    if (event.type === 'removed') end(event.mutation, true);
    if (event.type !== 'updated') return;
    if (event.action.type === 'pending' && !underWay.has(event.mutation)) begin(event.mutation);
    if (event.action.type === 'success') end(event.mutation, false);
    if (event.action.type === 'error') end(event.mutation, true);
  }

  for (const mutation of cache.getAll()) if (mutation.state.status === 'pending') begin(mutation);
  const stop = cache.subscribe(onEvent);
  return {
    get since() {
      return underWay.values().next().value;
    },
    note(received) {
      if (underWay.size > 0 && events.length <= KEPT) events.push(received);
    },
    received: () => (events.length > KEPT ? undefined : events),
    stop,
  };
}
