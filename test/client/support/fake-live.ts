import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  type CrateFieldsFragment,
  CrateUpdatedDocument,
  type CrateUpdatedSubscription,
  DashboardKpisDocument,
  type DashboardKpisFieldsFragment,
  type Follower,
  type LiveClient,
  type RequestFieldsFragment,
  RequestUpdatedDocument,
  type RequestUpdatedSubscription,
  type StorageLocationFieldsFragment,
  StorageUpdatedDocument,
  type StorageUpdatedSubscription,
  type UserFieldsFragment,
} from '../../../client/src/index.ts';

interface Following {
  readonly document: unknown;
  readonly variables: unknown;
  readonly follower: Follower<never>;
}

/** The data of an event without its entity. */
interface Happened {
  /** It is an event of the past: how many milliseconds before the start it happened. */
  readonly agoMs?: number;
  readonly occurredAt?: string;
  readonly actor?: UserFieldsFragment;
  readonly version?: number;
  readonly id?: string;
}

/** A live client that delivers what the test wants. */
export function createFakeLive() {
  const followings = new Set<Following>();
  let events = 0;
  const followersOf = (document: unknown): Follower<never>[] =>
    [...followings].filter((following) => following.document === document).map(({ follower }) => follower);

  function say<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    data: Data,
    agoMs?: number,
  ): void {
    // The document determines the type of the data.
    for (const follower of followersOf(document)) follower.event(data as never, agoMs);
  }

  function happened(happening: Happened = {}) {
    events += 1;
    return {
      id: `${events}`,
      occurredAt: new Date(Date.now()).toISOString(),
      version: null,
      actor: null,
      ...happening,
    };
  }

  const client: Pick<LiveClient, 'follow'> = {
    follow(document, variables, follower) {
      const following = { document, variables, follower };
      followings.add(following);
      return () => void followings.delete(following);
    },
  };
  return {
    client,
    /** The variables of the current subscriptions. */
    followed: () => [...followings].map(({ variables }) => variables),
    start(document: unknown, why: 'first' | 'lost' = 'first', coveredMs = 0) {
      for (const follower of followersOf(document)) follower.started?.(why, coveredMs);
    },
    /** How far back the followers of a document want to begin. */
    pastMs: (document: unknown) => followersOf(document).map((follower) => follower.pastMs?.()),
    resume() {
      for (const { follower } of followings) follower.resumed?.();
    },
    catchUp(document: unknown, isCatchingUp: boolean) {
      for (const follower of followersOf(document)) follower.catchingUp?.(isCatchingUp);
    },
    refuse(document: unknown) {
      for (const follower of followersOf(document)) follower.refused?.({ code: 'FORBIDDEN', message: 'No.' });
    },
    request(
      action: RequestUpdatedSubscription['requestUpdated']['action'],
      request: RequestFieldsFragment,
      { agoMs, ...happening }: Happened = {},
    ) {
      say(RequestUpdatedDocument, { requestUpdated: { ...happened(happening), action, request } }, agoMs);
    },
    crate(
      action: CrateUpdatedSubscription['crateUpdated']['action'],
      crate: CrateFieldsFragment,
      happening?: Happened,
    ) {
      say(CrateUpdatedDocument, { crateUpdated: { ...happened(happening), action, crate } });
    },
    storage(
      action: StorageUpdatedSubscription['storageUpdated']['action'],
      locations: readonly StorageLocationFieldsFragment[],
      happening?: Happened,
    ) {
      say(StorageUpdatedDocument, { storageUpdated: { ...happened(happening), action, locations } });
    },
    kpis(dashboardKpis: DashboardKpisFieldsFragment) {
      say(DashboardKpisDocument, { dashboardKpis });
    },
  };
}
