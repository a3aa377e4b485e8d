/** For programs in TypeScript that publish to dms-live: `import { connectPublisher } from 'dms-live/publisher'`. */
import type { Retention } from './bus/bus.ts';
import { connectToAppend } from './bus/redis-appender.ts';
import { parseRedisUrl } from './bus/redis-connection.ts';
import { DEFAULT_PREFIX, sharedPrefixFault } from './config/redis.ts';
import { readDomain } from './events/domain.ts';
import { createTopicNames } from './events/topic-names.ts';
import type { EventChannel, EventName, SentEvents } from './generated/events.ts';
import { createHealth } from './health.ts';
import { createLogger, type Logger } from './log.ts';
import type { LogPosition } from './topics/position.ts';
import { createPublisher } from './topics/publisher.ts';

export type { EventChannel as Channel, EventName as EventKind, EventOf } from './generated/events.ts';

/** An event as a publisher writes it (contract, section 2): ids as strings or numbers, absent values left out. */
export type Publishable<Kind extends EventName> = SentEvents[Kind];

export interface Publisher {
  /**
   * Appends an event to its topic's log and publishes it, in one step. To repeat it is safe: an event whose id was appended
   * before is dropped.
   * @returns its position, or `undefined` if it was appended before.
   * @throws {TypeError} that says what breaks the contract; whatever keeps Redis from taking it.
   */
  publish<C extends EventChannel>(
    channel: C,
    event: Publishable<C['kind']>,
  ): Promise<LogPosition | undefined>;
}

export interface PublisherSettings {
  /** Where Redis is, as the server's `REDIS_URL`. */
  readonly redisUrl: string;
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
 */
export function connectPublisher(settings: PublisherSettings): Publisher & { close(): Promise<void> } {
  const address = parseRedisUrl(settings.redisUrl);
  const prefix = settings.topicPrefix ?? DEFAULT_PREFIX;
  const fault = sharedPrefixFault(address, prefix);
  if (fault !== undefined) throw new TypeError(`redisUrl ${fault}.`);
  const log = settings.log ?? createLogger('warn');
  const bus = connectToAppend(address, createHealth(log));
  const retention = settings.retention ?? { events: 10_000, seconds: 86_400 };
  const publisher = createPublisher(bus, createTopicNames(prefix, readDomain().kinds), retention);
  return { publish: publisher.publish, close: () => bus.close() };
}
