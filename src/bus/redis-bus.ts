import { createHash } from 'node:crypto';
import type { Health } from '../health.ts';
import type { Logger } from '../log.ts';
import { type Bus, DEAD_LETTER_BYTES, DEAD_LETTERS_KEPT } from './bus.ts';
import type { RedisAddress } from './redis-address.ts';
import { connectRedis } from './redis-connect.ts';
import { canRead, foundNodes, type RedisConnection, renew } from './redis-connection.ts';
import { watchFailovers } from './redis-failover.ts';
import { createRedisKeys } from './redis-keys.ts';
import { createRedisLog } from './redis-log.ts';
import { createRedisNotes } from './redis-notes.ts';
import { createRedisPubSub } from './redis-pubsub.ts';
import { watchPulse } from './redis-pulse.ts';
import { keepSubscribed } from './redis-subscriptions.ts';
import { watchRedis } from './redis-watch.ts';

/** How long Redis may take to answer before it counts as away, in milliseconds. */
const PING_TIMEOUT_MS = 1000;
const SILENT = 'Redis does not answer; its connection is made again';
/** For how many seconds servers that refuse the same message know that it is kept already. */
const DEAD_LETTER_MEMORY_S = 3600;

export interface RedisBusOptions {
  /** Gets reports of what is wrong with Redis. */
  readonly health: Pick<Health, 'report'>;
  /** The prefix of the topics; also of the channel and the key by which this process finds out what works. */
  readonly prefix: string;
  /** Default: nobody counts. */
  readonly observer?: RedisObserver;
}

/** For metrics. Times are in milliseconds. */
export interface RedisObserver {
  /** Redis has answered a PING. */
  redisAnswered(role: RedisRole, ms: number): void;
  /** What this process published has arrived here. */
  publicationArrived(ms: number): void;
}

/** What a connection to Redis is for. A closed set: each is a label of the metric `dms_live_redis_round_trip_seconds`. */
export const REDIS_ROLES = ['commands', 'subscriber'] as const;

export type RedisRole = (typeof REDIS_ROLES)[number];

const NOBODY: RedisObserver = { redisAnswered: () => undefined, publicationArrived: () => undefined };

/** The bus over Redis Pub/Sub: one connection that subscribes, one for everything else. */
export function createRedisBus(address: RedisAddress, log: Logger, options: RedisBusOptions): Bus {
  const commands = connectRedis(address, 'commands');
  const subscriberConnection = connectRedis(address, 'subscriber', () => foundNodes(commands));
  const { observer = NOBODY } = options;
  const reconnectListeners = new Set<() => void>();
  const notifyReconnect = (): void => {
    for (const listener of [...reconnectListeners]) listener();
  };
  const subscriptions = keepSubscribed(subscriberConnection, notifyReconnect);
  const redisLog = createRedisLog(commands);
  const subscribe = createRedisPubSub({ subscriberConnection, commands, subscriptions, log });
  const renewAll = (): void => {
    for (const connection of [subscriberConnection, commands]) renew(connection);
  };
  const watch = watchRedis({
    ...options,
    commands,
    subscriberConnection,
    subscriptions,
    subscribe,
    renew: renewAll,
    onArrival: observer.publicationArrived,
    log,
  });
  const keepAlive = (connection: RedisConnection, role: RedisRole) =>
    watchPulse(
      connection,
      () => log.warn({ role }, SILENT),
      (ms) => observer.redisAnswered(role, ms),
    );
  const stopWatching = [
    watch.close,
    subscriptions.close,
    keepAlive(subscriberConnection, 'subscriber'),
    keepAlive(commands, 'commands'),
    watchFailovers(address, () => {
      log.warn('Redis fails over to another primary');
      renewAll();
    }),
  ];

  return {
    subscribe,
    async publish(channel, payload) {
      await commands.publish(channel, payload);
    },
    ...redisLog,
    append: (...event) => watch.write(redisLog.append(...event)),
    readLast: (...which) => watch.read(() => redisLog.readLast(...which)),
    readFrom: (...which) => watch.read(() => redisLog.readFrom(...which)),
    readSeal: (stream) => watch.read(() => redisLog.readSeal(stream)),
    ...createRedisKeys(commands, watch),
    notes: createRedisNotes(commands),
    async write(key, value, expiresInSeconds) {
      await commands.set(key, value, 'EX', expiresInSeconds);
    },
    async keepDeadLetter(stream, { topic, reason, detail, payload }) {
      const digest = createHash('sha256').update(topic).update(payload).digest('base64url');
      const first = await watch.write(
        commands.set(`${stream}:${digest}`, '1', 'EX', DEAD_LETTER_MEMORY_S, 'NX'),
      );
      if (first === null) return;
      const body = payload.subarray(0, DEAD_LETTER_BYTES);
      const fields = [
        'topic',
        topic,
        'reason',
        reason,
        'detail',
        detail,
        'bytes',
        payload.length,
        'payload',
        body,
      ];
      await watch.write(commands.xadd(stream, 'MAXLEN', '~', DEAD_LETTERS_KEPT, '*', ...fields));
    },
    async addEntries(stream, entries, kept) {
      const pipeline = commands.pipeline();
      for (const { field, text } of entries) pipeline.xadd(stream, 'MAXLEN', '~', kept, '*', field, text);
      const answers = (await pipeline.exec()) ?? [[new Error('Redis did not answer')]];
      for (const [error] of answers) if (error !== null) throw error;
    },
    async forgetDeadLetters(stream, seconds) {
      const [now = 0] = await commands.time(); // their ids are times of Redis
      await commands.xtrim(stream, 'MINID', (now - seconds) * 1000);
    },
    isReachable: async () => subscriptions.hasBeenWhole && (await answers(commands)),
    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },
    async close() {
      for (const stop of stopWatching) stop();
      reconnectListeners.clear();
      subscriberConnection.disconnect();
      commands.disconnect();
    },
  };
}

async function answers(connection: RedisConnection): Promise<boolean> {
  if (connection.status !== 'ready') return false;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PING_TIMEOUT_MS, false);
  });
  try {
    return (await Promise.race([canRead(connection), timeout])) === true;
  } finally {
    clearTimeout(timer);
  }
}
