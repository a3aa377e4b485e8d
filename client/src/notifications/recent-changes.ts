import type { UserFieldsFragment } from '../generated/operations.ts';

/** What has just been changed. */
export type ChangedKind = 'request' | 'crate' | 'storage' | 'audit';

/** A change that has just happened. */
export interface RecentChange {
  /** As in the event: `APPROVED`, `RELOCATED`, … */
  readonly action: string;
  /** Who did it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** When it was heard of, in Unix milliseconds. */
  readonly at: number;
}

/** The last change of each thing, and who wants to know of it: a change of one wakes nobody else. */
export interface RecentChanges {
  note(kind: ChangedKind, id: string, change: RecentChange): void;
  /** The last change, if it is not older than `forMs`; the same object each time. */
  get(kind: ChangedKind, id: string, forMs: number): RecentChange | undefined;
  /** Calls back when there is a change, and when it is older than `forMs`. Returns how to stop. */
  watch(kind: ChangedKind, id: string, forMs: number, listener: () => void): () => void;
}

/** Changes of more things than this are not remembered. */
const KEPT = 1000;

interface Noted {
  readonly change: RecentChange;
  /** By the monotonic clock: the other may be set. */
  readonly notedAt: number;
}

interface Watcher {
  heard(): void;
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
      heard() {
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
      for (const watcher of [...(watchers.get(key) ?? [])]) watcher.heard();
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

const keyOf = (kind: ChangedKind, id: string): string => `${kind}:${id}`;
