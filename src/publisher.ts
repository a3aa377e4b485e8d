/** For programs in TypeScript that publish to dms-live: `import { connectPublisher } from 'dms-live/publisher'`. */
import type { Retention } from './bus/bus.ts';
import { connectToAppend } from './bus/redis-appender.ts';
import { parseRedisUrl } from './bus/redis-connection.ts';
import { DEFAULT_PREFIX, sharedPrefixFault } from './config/redis.ts';
import { createHealth } from './health.ts';
import { createLogger, type Logger } from './log.ts';
import { createPublisher, type Publisher } from './topics/publisher.ts';
import { createTopicNames } from './topics/topic.ts';

export type { EventOf } from './topics/event.ts';
export type { Publishable, Publisher } from './topics/publisher.ts';
export type { Channel, EventKind } from './topics/topic.ts';

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
  const publisher = createPublisher(bus, createTopicNames(prefix), retention);
  return { publish: publisher.publish, close: () => bus.close() };
}
