/** The one place where the names of topics, and of the keys beside them, are spelt (contract, section 2). */

export const EVENT_KINDS = ['request', 'crate', 'sendback', 'storage', 'audit', 'kpis'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Unit and user ids as they may appear in a topic. Nothing else, so no wildcard, ever reaches Redis. */
const ID_IN_TOPIC = /^[A-Za-z0-9_-]{1,64}$/;

export function isTopicId(id: string): boolean {
  return ID_IN_TOPIC.test(id);
}

/**
 * What a subscription reads: one unit's events of a kind, one user's send-backs, the events of all units of a kind, or the
 * KPIs counted over all units together.
 */
export type Topic =
  | { readonly kind: EventKind; readonly unitId: string }
  | { readonly kind: 'sendback'; readonly userId: string }
  | { readonly kind: EventKind; readonly all: 'units' }
  | { readonly kind: 'kpis'; readonly all: 'together' };

/** Where a message was published: one unit's channel, one user's, or the one for all units together. */
export type Channel = Exclude<Topic, { readonly all: 'units' }>;

/** A Pub/Sub channel, or a pattern of them. */
export type ChannelName =
  | { readonly channel: string; readonly pattern?: never }
  | { readonly pattern: string; readonly channel?: never };

export interface TopicNames {
  /** The channel or pattern that a topic is published on. Throws when an id does not fit. */
  nameOf(topic: Topic): ChannelName;
  /** The reverse, for a channel that a message came from; `undefined` when it is none of ours. */
  channelOf(name: string): Channel | undefined;
  /** Control messages: tokens and users revoked or changed. */
  readonly session: string;
  /** Set when a user's tokens were revoked; holds Unix seconds. */
  revokedUser(userId: string): string;
  /** Set when a user's unit or role changed; holds Unix seconds. */
  changedUser(userId: string): string;
  /** Set when one token was revoked. */
  revokedToken(tokenId: string): string;
  /** The capped stream of messages that were refused. */
  readonly deadLetters: string;
}

/** @param prefix starts every name; `dms` by default. */
export function createTopicNames(prefix: string): TopicNames {
  const checked = (id: string): string => {
    if (!isTopicId(id)) throw new RangeError('An id in a topic must match [A-Za-z0-9_-]{1,64}.');
    return id;
  };
  return {
    nameOf(topic) {
      if ('unitId' in topic) return { channel: `${prefix}:${topic.kind}:unit:${checked(topic.unitId)}` };
      if ('userId' in topic) return { channel: `${prefix}:${topic.kind}:user:${checked(topic.userId)}` };
      if (topic.all === 'together') return { channel: `${prefix}:${topic.kind}:all` };
      return { pattern: `${prefix}:${topic.kind}:unit:*` };
    },
    channelOf(name) {
      if (!name.startsWith(`${prefix}:`)) return undefined;
      const [kindName, scope, id, ...rest] = name.slice(prefix.length + 1).split(':');
      const kind = EVENT_KINDS.find((known) => known === kindName);
      if (kind === undefined || rest.length > 0) return undefined;
      if (kind === 'kpis' && scope === 'all' && id === undefined) return { kind, all: 'together' };
      if (id === undefined || !isTopicId(id)) return undefined;
      if (scope === 'unit') return { kind, unitId: id };
      if (scope === 'user' && kind === 'sendback') return { kind, userId: id };
      return undefined;
    },
    session: `${prefix}:session`,
    revokedUser: (userId) => `${prefix}:session:revoked:user:${userId}`,
    changedUser: (userId) => `${prefix}:session:changed:user:${userId}`,
    revokedToken: (tokenId) => `${prefix}:session:revoked:jti:${tokenId}`,
    deadLetters: `${prefix}:deadletters`,
  };
}
