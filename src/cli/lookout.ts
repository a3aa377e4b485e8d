import type { RoleClasses } from '../auth/access.ts';
import type { Bus } from '../bus/bus.ts';
import type { RedisAddress } from '../bus/redis-address.ts';
import { connectRedis } from '../bus/redis-connect.ts';
import { foundNodes, type RedisConnection } from '../bus/redis-connection.ts';
import { type History, readHistory } from '../bus/redis-history.ts';
import { createRedisKeys } from '../bus/redis-keys.ts';
import { watchLink } from '../bus/redis-link.ts';
import { createRedisPubSub } from '../bus/redis-pubsub.ts';
import { keepSubscribed } from '../bus/redis-subscriptions.ts';
import { isRefusal } from '../bus/refusal.ts';
import { ConfigError, readRoleClasses } from '../config/config.ts';
import { createReader, type Environment } from '../config/reader.ts';
import { readRedisSettings } from '../config/redis.ts';
import { type Domain, readDomain } from '../events/domain.ts';
import { createTopicNames, type TopicNames } from '../events/topic-names.ts';
import { createLogger } from '../log.ts';

/** Something that the operator must mend before the command can say anything; the message says what. */
export class LookoutFault extends Error {
  override readonly name = 'LookoutFault';
}

/** A view of a running installation through its Redis. Nothing is written to it, except what `publish` sends. */
export interface Lookout {
  readonly domain: Domain;
  readonly names: TopicNames;
  readonly roleClasses: RoleClasses;
  readonly history: History;
  /** For what a command asks besides; `revoke` is not among it. */
  readonly keys: Pick<Bus, 'read' | 'readFields' | 'findKeys'>;
  readonly redis: RedisConnection;
  /** Subscribes; what Redis refuses shows in the state. */
  readonly subscribe: Bus['subscribe'];
  /** Publishes, and returns how many received it. On a Cluster only those of one node are counted. */
  publish(channel: string, payload: string): Promise<number>;
  close(): void;
}

/** The part of the settings by which Redis and its topics are found. */
export interface LookoutSettings {
  readonly redis: RedisAddress;
  readonly topicPrefix: string;
  readonly schemaFile: string | undefined;
  readonly roleClasses: RoleClasses;
}

/**
 * Reads no more settings than are needed, so that a machine without the keys of tokens will do.
 * @throws {ConfigError} with every fault.
 */
export function readLookoutSettings(environment: Environment): LookoutSettings {
  const faults: string[] = [];
  const read = createReader(environment, faults);
  const { redis, topicPrefix } = readRedisSettings(read, true);
  const roleClasses = readRoleClasses(read);
  const schemaFile = read.text('SCHEMA');
  if (redis === undefined || faults.length > 0) throw new ConfigError(faults);
  return { redis, topicPrefix, schemaFile, roleClasses };
}

/** How long Redis may take to be reached, in milliseconds. */
const PATIENCE_MS = 3000;

/**
 * Connects to Redis.
 * @throws {LookoutFault} that says why it cannot be reached; {SchemaError}.
 */
export async function openLookout(settings: LookoutSettings): Promise<Lookout> {
  const domain = readDomain(settings.schemaFile);
  const log = createLogger('silent');
  const redis = connectRedis(settings.redis, 'commands');
  const subscriberConnection = connectRedis(settings.redis, 'subscriber', () => foundNodes(redis));
  const subscriptions = keepSubscribed(subscriberConnection, () => undefined);
  const close = (): void => {
    subscriptions.close();
    subscriberConnection.disconnect();
    redis.disconnect();
  };
  try {
    await untilReached(redis, settings.redis);
  } catch (error) {
    close();
    throw error;
  }
  return {
    domain,
    names: createTopicNames(settings.topicPrefix, domain.kinds),
    roleClasses: settings.roleClasses,
    history: readHistory(redis),
    keys: createRedisKeys(redis, { read: (read) => read(), write: (answer) => answer }),
    redis,
    subscribe: createRedisPubSub({ subscriberConnection, commands: redis, subscriptions, log }),
    publish: (channel, payload) => redis.publish(channel, payload),
    close,
  };
}

/** Of several hosts another one may answer. One alone that refuses the connection or the account will not change its mind. */
async function untilReached(redis: RedisConnection, { form }: RedisAddress): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const link = watchLink(redis, resolve);
    const giveUp = (): void => reject(new LookoutFault(`Redis (REDIS_URL) is not reachable: ${link.reason}`));
    timer = setTimeout(giveUp, PATIENCE_MS);
    redis.on('error', (error) => {
      if (form === 'single' || isRefusal(error)) giveUp();
    });
  }).finally(() => clearTimeout(timer));
}
