/** For programs in TypeScript that publish to dms-live: `import { connectPublisher } from 'dms-live/publisher'`. */
import type { Retention } from './bus/bus.ts';
import type { LogPosition } from './bus/position.ts';
import { parseRedisUrl } from './bus/redis-address.ts';
import { connectToAppend } from './bus/redis-appender.ts';
import { DEFAULT_PREFIX, sharedPrefixFault } from './config/redis.ts';
import { readDomain } from './events/domain.ts';
import { type Channel, createTopicNames } from './events/topic-names.ts';
import type { EventChannel, EventName, SentEvents } from './generated/events.ts';
import { createHealth } from './health.ts';
import { createLogger, type Logger } from './log.ts';
import { createPublisher } from './topics/publisher.ts';

export type { EventChannel as Channel, EventName as EventKind, EventOf } from './generated/events.ts';

/**
 * What may be published of each kind of the DMS's, by its name. Another schema has a map of its own:
 *
 * ```ts
 * interface HelpDesk {
 *   readonly ticket: { readonly id: string; readonly changedAt: string; readonly ticket: Ticket };
 * }
 * const publisher = connectPublisher<HelpDesk>({ redisUrl, schema: 'help-desk.graphql' });
 * ```
 */
export type DmsEvents = SentEvents;

/** An event as a publisher writes it (contract, section 2): ids as strings or numbers, absent values left out. */
export type Publishable<Kind extends EventName> = DmsEvents[Kind];

/**
 * Where an event is published. The DMS's types say which kinds have channels of users, and which have one of all units together.
 * For another schema that is checked when an event is published.
 */
export type ChannelOf<Events extends object> =
  IsSame<Events, DmsEvents> extends true
    ? EventChannel
    : Channel & { readonly kind: Extract<keyof Events, string> };

type IsSame<One, Other> = [One, Other] extends [Other, One] ? true : false;

/** The event of a channel's kind. */
export type EventFor<Events, On> = On extends { readonly kind: infer Kind extends keyof Events }
  ? Events[Kind] & object
  : never;

/** @typeParam Events what may be published of each kind, by its name. */
export interface Publisher<Events extends object = DmsEvents> {
  /**
   * Appends an event to its topic's log and publishes it, in one step. To repeat it is safe: an event whose id was appended
   * before is dropped.
   * @returns its position, or `undefined` if it was appended before.
   * @throws {TypeError} that says what breaks the contract; {RangeError} for an id or a channel that the kind cannot have; whatever
   * keeps Redis from taking it.
   */
  publish<On extends ChannelOf<Events>>(
    channel: On,
    event: EventFor<Events, On>,
  ): Promise<LogPosition | undefined>;
}

export interface PublisherSettings {
  /** Where Redis is, as the server's `REDIS_URL`. */
  readonly redisUrl: string;
  /** The file of another schema, as the server's `SCHEMA`. Events are checked by it. Default: the DMS's. */
  readonly schema?: string;
  /** As the server's `TOPIC_PREFIX`. Default `dms`. */
  readonly topicPrefix?: string;
  /** As the server's `HISTORY_EVENTS` and `HISTORY_SECONDS`. Default 10,000 events and 24 hours. */
  readonly retention?: Retention;
  /** Default: warnings, as JSON lines on standard output. */
  readonly log?: Logger;
}

/**
 * Connects to Redis, in the background; what is published meanwhile waits some seconds for it.
 * @throws {TypeError} when the URL cannot be read, or names a database under the default prefix.
 * @throws {SchemaError} when the schema has faults.
 */
export function connectPublisher<Events extends object = DmsEvents>(
  settings: PublisherSettings,
): Publisher<Events> & { close(): Promise<void> } {
  const address = parseRedisUrl(settings.redisUrl);
  const prefix = settings.topicPrefix ?? DEFAULT_PREFIX;
  const fault = sharedPrefixFault(address, prefix);
  if (fault !== undefined) throw new TypeError(`redisUrl ${fault}.`);
  const log = settings.log ?? createLogger('warn');
  const names = createTopicNames(prefix, readDomain(settings.schema).kinds);
  const bus = connectToAppend(address, createHealth(log));
  const retention = settings.retention ?? { events: 10_000, seconds: 86_400 };
  const publisher = createPublisher(bus, names, retention);
  return { publish: publisher.publish, close: () => bus.close() };
}
