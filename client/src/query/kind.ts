import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Follower, LiveClient } from '../connection/types.ts';
import type { UserFieldsFragment } from '../generated/operations.ts';
import type { NeedsFetch } from './fetch-reasons.ts';
import type { JudgeByApp } from './filters.ts';
import type { OtherFields } from './other-fields.ts';
import type { RowOrder } from './row-order.ts';
import type { Row } from './rows.ts';
import type { Shape } from './shapes.ts';

/** What an event says of entities. */
export interface ChangeDraft<Entity = Row> {
  /** Of the event. */
  readonly id: string;
  /** The event's action; empty where the schema does not list the actions, and for a state. */
  readonly action: string;
  /** Who did it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** Unix milliseconds; 0 for a state. */
  readonly occurredAt: number;
  /** Of two changes that contain the same entity, the one with the larger version knows it newer; `null`: only clocks can say. */
  readonly version: number | null;
  /** What the event is about: one, or all of a bulk. */
  readonly entities: readonly Entity[];
}

/** What is followed. */
export interface Followed {
  readonly kind: Kind;
  /** The unit that was asked for; `undefined`: the viewer's own, or all. */
  readonly unitAsked: string | undefined;
}

/** An event as it is applied to cached queries, of any kind. */
export interface Change<Entity = Row> extends ChangeDraft<Entity>, Followed {
  /** What is written where the entities are nested in other rows, if it is not the same. */
  readonly nested?: readonly Row[];
  /** It may be older than what is there, so every query that it is written into is also refetched. */
  readonly isContested?: boolean;
}

/** Receives what is followed: as a {@link Follower}, but events as changes. */
export interface ChangeFollower<Entity = Row>
  extends Required<Pick<Follower<never>, 'pastMs' | 'started' | 'resumed' | 'catchingUp' | 'refused'>> {
  change(change: Change<Entity>, agoMs: number | undefined): void;
}

/** All that is needed of a live client. */
export type Followable = Pick<LiveClient, 'follow'>;

/** A subscription of the schema, as `npm run generate` writes it. */
export interface LiveSubscription<Entity = Row, IsState extends boolean = boolean> {
  readonly shape: Shape;
  /** It delivers a state, which replaces the one before, and not events. */
  readonly isState: IsState;
  /** Follows one kind and unit until the returned function is called. */
  follow(client: Followable, followed: Followed, follower: ChangeFollower<Entity>): () => void;
}

interface SubscriptionFacts<Data, Entity, IsState extends boolean> {
  readonly shape: Shape;
  readonly isState: IsState;
  toChange(data: Data): ChangeDraft<Entity>;
}

/** Joins a subscription's document with what the schema says of it. */
export function subscriptionTo<Data, Entity, IsState extends boolean>(
  document: TypedDocumentNode<Data, { unitId?: string | null | undefined }>,
  { shape, isState, toChange }: SubscriptionFacts<Data, Entity, IsState>,
): LiveSubscription<Entity, IsState> {
  return {
    shape,
    isState,
    follow: (client, followed, { change, ...others }) =>
      client.follow(document, followed.unitAsked === undefined ? {} : { unitId: followed.unitAsked }, {
        event: (data, agoMs) => change({ ...toChange(data), ...followed }, agoMs),
        ...others,
      }),
  };
}

/**
 * What is code for a kind of event: which queries hold its entities. Each file in `kinds/` has one; its name is the kind's, and
 * the comment above it becomes the documentation of its hook (`useLiveRequests`).
 */
export interface Kind<Entity = Row> {
  readonly subscription: LiveSubscription<Entity>;
  /** How one entity is called, in `patches`, in `useRecentlyChanged`, and in the names of topics. */
  readonly entity: string;
  /** The queries that hold its entities, by the names that `queryKeys` has for them. */
  readonly queries: Readonly<Record<string, KindQuery>>;
  /** The fields that an action sets, so that `null` cannot be the whole truth: `{ APPROVED: ['approvedBy'] }`. */
  readonly promises?: Readonly<Record<string, readonly string[]>>;
  /** Where events of several kinds contain its entities and have no versions, their clocks decide which state is newer. */
  readonly comparesClocks?: true;
  /** Made once for a bridge: sees all changes, of other kinds too, before they are applied. */
  readonly createFilter?: () => ChangeFilter;
}

/** Gives the change as it shall be applied; `undefined`: not at all. */
export type ChangeFilter = (change: Change) => Change | undefined;

/** A query that holds entities of a kind. */
export interface KindQuery {
  /** The DMS's query key. */
  readonly key: readonly [string, ...string[]];
  readonly apply: Apply;
  /** It shows figures, so no entity of another kind is nested in it. */
  readonly hasNoRows?: true;
}

/** Writes a change into the data of a query. */
export type Apply = (match: KeyMatch, data: unknown, change: Change, patcher: Patcher) => Applied;

/** The data of a query after a change. */
export interface Applied {
  /** The same object if nothing has changed. */
  readonly data: unknown;
  /** The event does not say everything that the query shows: the query has to be fetched after the event. */
  readonly needsFetch: NeedsFetch;
}

/** A row after a change. */
export interface PatchedRow {
  /** The same object if nothing has changed. */
  readonly value: Row;
  readonly needsFetch: NeedsFetch;
}

/** What a query key says. */
export interface KeyMatch {
  /** Which of the kinds' queries it is of. */
  readonly name: string;
  /** By the names in the template; only where there is a filter. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** The key filters by something more, which no event can be compared with. */
  readonly hasMore: boolean;
  /** What the app's own filters say; it has none for most queries. */
  readonly judge?: JudgeByApp | undefined;
}

/** Other values at the same place. They show how a value is spelt that is not there yet. */
export type Peers = () => Iterable<unknown>;

/** Patches rows, by the app's own way or by the fields' names. */
export interface Patcher {
  /** A row that has fields that no event has needs a fetch, too. */
  patch(row: Row, entity: Row, change: Change, peers?: Peers): PatchedRow;
  readonly order: RowOrder;
  /** What no event has. */
  readonly others: OtherFields;
  /** Whether these fields of a kind cause a fetch. Developers see which ones do. */
  needsFetchFor(fields: readonly string[], kind: Kind): NeedsFetch;
}
