import type { LiveClient } from '../connection/types.ts';
import type { KINDS, LiveKind } from '../generated/kinds.ts';
import type { UserFieldsFragment } from '../generated/operations.ts';

/** What has just been changed: an entity of this kind. */
export type ChangedKind = {
  [Name in LiveKind]: (typeof KINDS)[Name]['subscription']['isState'] extends true
    ? never
    : (typeof KINDS)[Name]['entity'];
}[LiveKind];

/** A change that has just happened. */
export interface RecentChange {
  /** As in the event: `APPROVED`, `RELOCATED`, … */
  readonly action: string;
  /** Who did it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** When it was received, in Unix milliseconds. */
  readonly at: number;
}

/** The last change of each thing, and its watchers: a change of one thing notifies only its own. */
export interface RecentChanges {
  note(kind: string, id: string, change: RecentChange): void;
  /** The last change, if it is not older than `forMs`; the same object each time. */
  get(kind: string, id: string, forMs: number): RecentChange | undefined;
  /** Calls back when there is a change, and when it is older than `forMs`. Returns how to stop. */
  watch(kind: string, id: string, forMs: number, listener: () => void): () => void;
}

/** Changes of more things than this are not remembered. */
const KEPT = 1000;

interface Noted {
  readonly change: RecentChange;
  /** By the monotonic clock: the other may be set. */
  readonly notedAt: number;
}

interface Watcher {
  changed(): void;
}

export function createRecentChanges(): RecentChanges {
  const changes = new Map<string, Noted>();
  const watchers = new Map<string, Set<Watcher>>();

  function remaining(key: string, forMs: number): number {
    const noted = changes.get(key);
    return noted === undefined ? 0 : noted.notedAt + forMs - performance.now();
  }

  function createWatcher(key: string, forMs: number, listener: () => void): Watcher & { stop(): void } {
    let timer: ReturnType<typeof setTimeout> | undefined;
    function expireLater(): void {
      clearTimeout(timer);
      const ms = remaining(key, forMs);
      timer = ms > 0 ? setTimeout(expire, ms) : undefined;
    }
    function expire(): void {
      if (remaining(key, forMs) > 0)
        expireLater(); // timers may be a little early
      else listener();
    }
    expireLater();
    return {
      changed() {
        expireLater();
        listener();
      },
      stop: () => clearTimeout(timer),
    };
  }

  return {
    note(kind, id, change) {
      const key = keyOf(kind, id);
      changes.delete(key); // to the end: the oldest are forgotten
      changes.set(key, { change, notedAt: performance.now() });
      for (const oldest of changes.keys()) {
        if (changes.size <= KEPT) break;
        changes.delete(oldest);
      }
      for (const watcher of [...(watchers.get(key) ?? [])]) watcher.changed();
    },
    get(kind, id, forMs) {
      const key = keyOf(kind, id);
      return remaining(key, forMs) > 0 ? changes.get(key)?.change : undefined;
    },
    watch(kind, id, forMs, listener) {
      const key = keyOf(kind, id);
      const watcher = createWatcher(key, forMs, listener);
      const others = watchers.get(key) ?? new Set();
      watchers.set(key, others.add(watcher));
      return () => {
        watcher.stop();
        others.delete(watcher);
        if (others.size === 0 && watchers.get(key) === others) watchers.delete(key);
      };
    },
  };
}

const stores = new WeakMap<LiveClient, RecentChanges>();

/** The one store of a client: the live hooks write it, `useRecentlyChanged` reads it. */
export function recentChangesOf(client: LiveClient): RecentChanges {
  const known = stores.get(client) ?? createRecentChanges();
  stores.set(client, known);
  return known;
}

const keyOf = (kind: string, id: string): string => `${kind}:${id}`;
