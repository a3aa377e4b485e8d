import { guarded } from './guarded.ts';
import type { Follower, LiveRefusal } from './types.ts';

/** The followers of a subscription. The same object may follow twice. */
export function createFollowers() {
  const entries = new Set<{ readonly follower: Follower<unknown>; isRefused: boolean }>();
  let areCatchingUp = false;
  return {
    get areCatchingUp() {
      return areCatchingUp;
    },
    /** Notifies all of them when it changes. Those that join later learn it then. */
    setCatchingUp(are: boolean): void {
      if (areCatchingUp === are) return;
      areCatchingUp = are;
      for (const entry of [...entries])
        if (entries.has(entry)) guarded(() => entry.follower.catchingUp?.(are));
    },
    get count() {
      return entries.size;
    },
    /** How far back the followers want to begin who want to begin in the past, in milliseconds. */
    pasts: (): readonly number[] => [...entries].flatMap(({ follower }) => follower.pastMs?.() ?? []),
    add(follower: Follower<unknown>) {
      const entry = { follower, isRefused: false };
      entries.add(entry);
      if (areCatchingUp) guarded(() => follower.catchingUp?.(true));
      return {
        /** Notifies this one, if it still follows. */
        notify(call: () => void): void {
          if (entries.has(entry)) guarded(call);
        },
        leave: (): void => void entries.delete(entry),
      };
    },
    /** Notifies each one that still follows when its turn comes. */
    notify(call: (follower: Follower<unknown>) => void): void {
      for (const entry of [...entries]) {
        if (!entries.has(entry)) continue;
        entry.isRefused = false;
        guarded(() => call(entry.follower));
      }
    },
    /** Notifies those that do not know it yet: the server may be asked often, and go on refusing. */
    notifyRefused(refusal: LiveRefusal): void {
      for (const entry of [...entries]) {
        if (!entries.has(entry) || entry.isRefused) continue;
        entry.isRefused = true;
        guarded(() => entry.follower.refused?.(refusal));
      }
    },
  };
}
