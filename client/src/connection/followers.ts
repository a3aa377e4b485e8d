import type { Follower } from './types.ts';

type Notify = (call: (follower: Follower<unknown>) => void) => void;

/** The followers of a subscription. The same object may follow twice. */
export function createFollowers() {
  const entries = new Set<{ readonly follower: Follower<unknown> }>();
  return {
    get count() {
      return entries.size;
    },
    /** How far back the followers want to begin who want to begin in the past, in milliseconds. */
    pasts: (): readonly number[] => [...entries].flatMap(({ follower }) => follower.pastMs?.() ?? []),
    add(follower: Follower<unknown>) {
      const entry = { follower };
      entries.add(entry);
      return {
        /** Notifies this one, if it still follows. */
        notify(call: () => void): void {
          if (entries.has(entry)) guarded(call);
        },
        leave: (): void => void entries.delete(entry),
      };
    },
    /** Notifies each one that still follows when its turn comes. */
    notify: ((call) => {
      for (const entry of [...entries]) if (entries.has(entry)) guarded(() => call(entry.follower));
    }) satisfies Notify,
    /** Lets all of them leave. Returns how to notify them for the last time. */
    takeAll(): Notify {
      const taken = [...entries];
      entries.clear();
      return (call) => {
        for (const { follower } of taken) guarded(() => call(follower));
      };
    },
  };
}

/** What a follower throws is reported as what it is, an uncaught error, and the other followers are notified all the same. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else queueMicrotask(() => rethrow(error));
  }
}

function rethrow(error: unknown): never {
  throw error;
}
