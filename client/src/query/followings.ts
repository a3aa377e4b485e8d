import type { Follower, LiveClient, LiveRefusal } from '../connection/types.ts';
import {
  AuditLoggedDocument,
  CrateUpdatedDocument,
  DashboardKpisDocument,
  RequestUpdatedDocument,
  StorageUpdatedDocument,
} from '../generated/operations.ts';
import { type Change, type LiveKind, tells } from './change.ts';

/** How long something is followed on after its last follower has gone: from one screen to the next nothing is missed. */
const LINGER_MS = 1000;

/** All that is needed of a live client. */
export type Followable = Pick<LiveClient, 'follow'>;

/** What hears of everything that is followed. */
export interface Listener {
  change(change: Change): void;
  /** Nothing from before this moment is told: what was fetched before may be stale. */
  started(kind: LiveKind, unitId: string | undefined): void;
  refused(): void;
}

/** Follows each kind and unit once, for however many ask for it. */
export interface Followings {
  /** Follows until the returned function is called. */
  follow(kind: LiveKind, unitId: string | undefined): () => void;
  refusal(kind: LiveKind, unitId: string | undefined): LiveRefusal | undefined;
}

interface Following {
  followers: number;
  refusal: LiveRefusal | undefined;
  linger: ReturnType<typeof setTimeout> | undefined;
  stop(): void;
}

export function createFollowings(client: Followable, listener: Listener, onEmpty: () => void): Followings {
  const followings = new Map<string, Following>();

  function start(key: string, kind: LiveKind, unitId: string | undefined): Following {
    const following: Following = { followers: 0, refusal: undefined, linger: undefined, stop: () => {} };
    followings.set(key, following);
    following.stop = SUBSCRIPTIONS[kind](client, unitId, {
      change: listener.change,
      started: () => listener.started(kind, unitId),
      refused(error) {
        following.refusal = error;
        listener.refused();
      },
    });
    return following;
  }

  function end(key: string, following: Following): void {
    followings.delete(key);
    following.stop();
    if (followings.size === 0) onEmpty();
  }

  return {
    follow(kind, unitId) {
      const key = keyOf(kind, unitId);
      const following = followings.get(key) ?? start(key, kind, unitId);
      clearTimeout(following.linger);
      following.followers += 1;
      let isFollowing = true;
      return () => {
        if (!isFollowing) return;
        isFollowing = false;
        following.followers -= 1;
        if (following.followers > 0) return;
        following.linger = setTimeout(() => end(key, following), LINGER_MS);
      };
    },
    refusal: (kind, unitId) => followings.get(keyOf(kind, unitId))?.refusal,
  };
}

const keyOf = (kind: LiveKind, unitId: string | undefined): string => `${kind}:${unitId ?? ''}`;

interface Hearing {
  change(change: Change): void;
  started(): void;
  refused(error: LiveRefusal): void;
}

type Subscribe = (client: Followable, unitId: string | undefined, hearing: Hearing) => () => void;

const SUBSCRIPTIONS: Readonly<Record<LiveKind, Subscribe>> = {
  requests: (client, unitId, hearing) =>
    client.follow(RequestUpdatedDocument, of(unitId), followerOf(unitId, hearing, tells.requests)),
  crates: (client, unitId, hearing) =>
    client.follow(CrateUpdatedDocument, of(unitId), followerOf(unitId, hearing, tells.crates)),
  storage: (client, unitId, hearing) =>
    client.follow(StorageUpdatedDocument, of(unitId), followerOf(unitId, hearing, tells.storage)),
  audit: (client, unitId, hearing) =>
    client.follow(AuditLoggedDocument, of(unitId), followerOf(unitId, hearing, tells.audit)),
  kpis: (client, unitId, hearing) =>
    client.follow(DashboardKpisDocument, of(unitId), followerOf(unitId, hearing, tells.kpis)),
};

const of = (unitId: string | undefined): { unitId?: string } => (unitId === undefined ? {} : { unitId });

function followerOf<Data>(
  unitAsked: string | undefined,
  { change, started, refused }: Hearing,
  tell: (data: Data) => Omit<Change, 'unitAsked'>,
): Follower<Data> {
  return { event: (data) => change({ ...tell(data), unitAsked }), started, refused };
}
