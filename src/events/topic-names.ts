/** The one place where the names of topics, and of the keys beside them, are spelt (contract, section 2). */
import type { ChannelName, LogKeys } from '../bus/bus.ts';
import { decodeUserId, encodeUserId, isUnitId } from './ids.ts';
import type { EventKinds } from './kinds.ts';

/**
 * What a subscription reads: one unit's events of a kind, those addressed to one user, the events of all units, or those about all
 * units together.
 */
export type Topic =
  | { readonly kind: string; readonly unitId: string }
  | { readonly kind: string; readonly userId: string }
  | { readonly kind: string; readonly all: 'units' }
  | { readonly kind: string; readonly all: 'together' };

/** Where a message was published: one unit's channel, one user's, or the one for all units together. */
export type Channel = Exclude<Topic, { readonly all: 'units' }>;

export interface TopicNames {
  /** The kinds of events that there are topics of. */
  readonly kinds: EventKinds;
  /** The channel or pattern that a topic is published on. Throws when an id does not fit. */
  nameOf(topic: Topic): ChannelName;
  /** The reverse, for a channel that a message came from; `undefined` when it is none of ours. */
  channelOf(name: string): Channel | undefined;
  /** Whether a topic has a log. Snapshots of all units have none: the log of each unit keeps its own newest one. */
  isLogged(topic: Topic): boolean;
  /** The log of a topic. */
  streamOf(topic: Topic): string;
  /** The pattern that the names of all logs of a kind match, and those of some other keys. */
  streamsOf(kind: string): string;
  /** The reverse of `streamOf`, for a key that was found; `undefined` when it is no channel's log. */
  channelOfStream(key: string): Channel | undefined;
  /** What is needed to append to the log of a channel's topic. Throws when the kind has no such channel, or the id does not fit. */
  logKeysOf(channel: Channel): LogKeys;
  /**
   * The key of the generation of a kind's logs, or of the revocations. Its value changes when Redis loses its data, and another
   * database has another value.
   * @param kind may be `session` as well.
   */
  generationOf(kind: string): string;
  /** When the oldest event of each of a kind's logs is to be deleted. */
  agingOf(kind: string): string;
  /** Control messages: tokens and users revoked or changed. */
  readonly session: string;
  /** The record of revocations: a hash with a field for each. */
  readonly revocations: string;
  /** Where publishers of an earlier version kept a field of the record: in a key of its own. */
  revocationKeyOf(field: string): string;
  /** The capped stream of messages that were refused. */
  readonly deadLetters: string;
  /** The capped stream of lines of the security log, and of their anchors. */
  readonly securityLog: string;
  /** The settings of a server that publishers must have alike. */
  readonly settings: string;
  /** The board on which processes write who is present at objects of a kind; the names of the notes follow it. */
  presenceBoard(kind: string): string;
  /** The channel on which processes say that they have written there. */
  presenceNews(kind: string): string;
  /** The channel on which operators ask all servers where a user is connected. */
  readonly questions: string;
  /** The channel of the answers to a question. */
  answersTo(questionId: string): string;
}

/** Whether a topic is read by a pattern of channels, and from the log that all units share. */
export function isOfAllUnits(topic: Topic): topic is Exclude<Topic, Channel> {
  return 'all' in topic && topic.all === 'units';
}

/** The channel or pattern of a topic, as text. */
export function topicName(names: Pick<TopicNames, 'nameOf'>, topic: Topic): string {
  const { channel, pattern } = names.nameOf(topic);
  return channel ?? pattern;
}

/** @param prefix starts every name; `dms` by default. */
export function createTopicNames(prefix: string, kinds: EventKinds): TopicNames {
  const checked = (unitId: string): string => {
    if (!isUnitId(unitId)) throw new RangeError('A unit’s id in a topic must match [A-Za-z0-9_-]{1,64}.');
    return unitId;
  };
  const placeOf = (topic: Topic): string => {
    if ('unitId' in topic) return `unit:${checked(topic.unitId)}`;
    if ('userId' in topic) return `user:${encodeUserId(topic.userId)}`;
    return topic.all === 'together' ? 'all' : 'units';
  };
  const isLogged = (topic: Topic): boolean =>
    !(isOfAllUnits(topic) && kinds.get(topic.kind)?.hasTogether === true);
  const channelNameOf = (channel: Channel): string => `${prefix}:${channel.kind}:${placeOf(channel)}`;
  // The kind is the hash tag: all logs of a kind live on one node of a cluster.
  const streamOf = (topic: Topic): string => `${prefix}:{${topic.kind}}:${placeOf(topic)}`;

  function channelOf(name: string): Channel | undefined {
    if (!name.startsWith(`${prefix}:`)) return undefined;
    const [kind = '', scope, id, ...rest] = name.slice(prefix.length + 1).split(':');
    const known = kinds.get(kind);
    if (known === undefined || rest.length > 0) return undefined;
    if (known.hasTogether && scope === 'all' && id === undefined) return { kind, all: 'together' };
    if (id === undefined) return undefined;
    if (scope === 'unit') return isUnitId(id) ? { kind, unitId: id } : undefined;
    if (scope !== 'user' || !known.hasUserTopics) return undefined;
    const userId = decodeUserId(id);
    return userId === undefined ? undefined : { kind, userId };
  }

  return {
    kinds,
    nameOf: (topic) =>
      isOfAllUnits(topic) ? { pattern: `${prefix}:${topic.kind}:unit:*` } : { channel: channelNameOf(topic) },
    isLogged,
    streamOf,
    logKeysOf(channel) {
      const kind = kinds.get(channel.kind);
      if ('userId' in channel && kind?.hasUserTopics !== true)
        throw new RangeError(`Events of "${channel.kind}" are not addressed to users: name a unit.`);
      if ('all' in channel && kind?.hasTogether !== true)
        throw new RangeError(`Events of "${channel.kind}" are not of all units together: name a unit.`);
      const stream = streamOf(channel);
      const isInAll = 'unitId' in channel && isLogged({ kind: channel.kind, all: 'units' });
      const allStream = isInAll ? streamOf({ kind: channel.kind, all: 'units' }) : undefined;
      return { channel: channelNameOf(channel), stream, idPrefix: `${stream}:id:`, allStream };
    },
    generationOf: (kind) => `${prefix}:{${kind}}:generation`,
    agingOf: (kind) => `${prefix}:{${kind}}:aging`,
    channelOf,
    streamsOf: (kind) => `${prefix}:{${kind}}:*`,
    channelOfStream: (key) => channelOf(key.replace(/\{([^}]*)\}/, '$1')),
    session: `${prefix}:session`,
    revocations: `${prefix}:{session}:revocations`,
    revocationKeyOf: (field) => `${prefix}:session:${field}`,
    deadLetters: `${prefix}:deadletters`,
    securityLog: `${prefix}:security`,
    settings: `${prefix}:settings`,
    presenceBoard: (kind) => `${prefix}:{presence}:${kind}`,
    presenceNews: (kind) => `${prefix}:presence:${kind}`,
    questions: `${prefix}:probe:ask`,
    answersTo: (questionId) => `${prefix}:probe:${questionId}`,
  };
}
