import { tick } from '../connection/moments.ts';
import type { LiveRefusal } from '../connection/types.ts';
import { KINDS, type LiveKind } from '../generated/kinds.ts';
import type { Change, Followable, Followed, Kind } from './kind.ts';

/** How long a kind is followed on after its last follower has gone: from one screen to the next nothing is missed. */
const LINGER_MS = 1000;

/** Receives everything that is followed. */
export interface Handlers {
  /** @param moment when it happened at the latest; `undefined`: now. */
  change(change: Change, moment: number | undefined): void;
  /** How many milliseconds back to begin. */
  pastMs(followed: Followed): number;
  /** No event from before `moment` will come: what was fetched before may be stale. */
  started(followed: Followed, moment: number): void;
  /** The connection is back, and what was missed comes. */
  resumed(): void;
  /** Something is refused or served again, or is catching up or no longer. */
  changed(): void;
  /** Nothing is followed any more. */
  emptied(): void;
}

/** Follows each kind and unit once, for any number of followers. */
export interface LiveKinds {
  /** Follows until the returned function is called. */
  follow(kind: LiveKind, unitId: string | undefined): () => void;
  refusal(kind: LiveKind, unitId: string | undefined): LiveRefusal | undefined;
  /** Since when events of the kind may be missing, although the connection is live; `undefined`: none is. In Unix milliseconds. */
  catchingUpSince(kind: LiveKind): number | undefined;
  /** Whether the events of a unit's topic are followed. The kind is spelt as in the topic's name, which is our `entity`. */
  isFollowing(topic: { readonly kind: string; readonly unitId: string }): boolean;
  /** What is followed and has started. */
  started(): readonly Followed[];
}

interface Entry {
  readonly what: Followed;
  /** `undefined`: it has not started yet. */
  startedAt: number | undefined;
  followers: number;
  refusal: LiveRefusal | undefined;
  catchingUpSince: number | undefined;
  linger: ReturnType<typeof setTimeout> | undefined;
  stop(): void;
}

export function createLiveKinds(client: Followable, handlers: Handlers): LiveKinds {
  const allFollowed = new Map<string, Entry>();

  function start(key: string, kind: Kind, unitAsked: string | undefined): Entry {
    const followed: Entry = {
      what: { kind, unitAsked },
      startedAt: undefined,
      followers: 0,
      refusal: undefined,
      catchingUpSince: undefined,
      linger: undefined,
      stop: () => {},
    };
    allFollowed.set(key, followed);
    followed.stop = kind.subscription.follow(client, followed.what, {
      change(change, agoMs) {
        const { startedAt } = followed;
        const isOfPast = agoMs !== undefined && startedAt !== undefined;
        handlers.change(change, isOfPast ? startedAt - agoMs : undefined);
      },
      pastMs: () => handlers.pastMs(followed.what),
      started(_why, coveredMs = 0) {
        followed.startedAt = tick();
        setRefusal(followed, undefined);
        handlers.started(followed.what, followed.startedAt - coveredMs);
      },
      resumed() {
        setRefusal(followed, undefined);
        handlers.resumed();
      },
      catchingUp(isCatchingUp) {
        followed.catchingUpSince = isCatchingUp ? (followed.catchingUpSince ?? Date.now()) : undefined;
        handlers.changed();
      },
      refused: (error) => setRefusal(followed, error),
    });
    return followed;
  }

  function setRefusal(followed: Entry, refusal: LiveRefusal | undefined): void {
    if (followed.refusal === refusal) return;
    followed.refusal = refusal;
    handlers.changed();
  }

  function end(key: string, followed: Entry): void {
    allFollowed.delete(key);
    followed.stop();
    if (allFollowed.size === 0) handlers.emptied();
  }

  return {
    follow(kind, unitId) {
      const key = keyOf(kind, unitId);
      const followed = allFollowed.get(key) ?? start(key, KINDS[kind], unitId);
      clearTimeout(followed.linger);
      followed.followers += 1;
      let isFollowing = true;
      return () => {
        if (!isFollowing) return;
        isFollowing = false;
        followed.followers -= 1;
        if (followed.followers > 0) return;
        followed.linger = setTimeout(() => end(key, followed), LINGER_MS);
      };
    },
    isFollowing: ({ kind: name, unitId }) =>
      [...allFollowed.values()].some(
        ({ what: { kind, unitAsked }, refusal }) =>
          kind.entity === name && refusal === undefined && (unitAsked ?? unitId) === unitId,
      ),
    started: () =>
      [...allFollowed.values()].filter(({ startedAt }) => startedAt !== undefined).map(({ what }) => what),
    catchingUpSince: (name) =>
      earliest(
        [...allFollowed.values()].flatMap(({ what, catchingUpSince = [] }) =>
          what.kind === KINDS[name] ? catchingUpSince : [],
        ),
      ),
    refusal: (kind, unitId) => allFollowed.get(keyOf(kind, unitId))?.refusal,
  };
}

/** The earliest of some moments; `undefined`: there is none. */
export const earliest = (moments: readonly number[]): number | undefined =>
  moments.length === 0 ? undefined : Math.min(...moments);

const keyOf = (kind: LiveKind, unitId: string | undefined): string => `${kind}:${unitId ?? ''}`;
