import { createHash } from 'node:crypto';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Cluster } from 'ioredis';
import type { Logger } from '../log.ts';
import type { ChannelName } from '../topics/topic.ts';
import {
  type Bus,
  type BusMessage,
  type BusSubscription,
  DEAD_LETTER_BYTES,
  DEAD_LETTERS_KEPT,
} from './bus.ts';
import {
  connectRedis,
  foundNodes,
  type RedisAddress,
  type RedisConnection,
  renew,
} from './redis-connection.ts';
import { watchFailovers } from './redis-failover.ts';
import { createRedisLog } from './redis-log.ts';
import { watchPulse } from './redis-pulse.ts';
import { guardSubscriber } from './redis-subscriber.ts';

/** How long Redis may take to answer before it counts as away, in milliseconds. */
const PING_TIMEOUT_MS = 1000;
/** How long several servers that refuse one message know that it is kept already, in seconds. */
const DEAD_LETTER_MEMORY_S = 3600;

/** The bus over Redis Pub/Sub: one connection that subscribes, one for everything else. */
export function createRedisBus(address: RedisAddress, log: Logger): Bus {
  const commands = connectRedis(address, 'commands');
  const subscriberConnection = connectRedis(address, 'subscriber', () => foundNodes(commands));
  const subscriber = guardSubscriber(subscriberConnection);
  const pubsub = new RedisPubSub({
    // The types ask for a whole ioredis client; of a subscriber the library uses only what the guard offers.
    subscriber: subscriber.client as unknown as RedisConnection,
    publisher: commands,
    messageEventName: 'messageBuffer',
    pmessageEventName: 'pmessageBuffer',
    deserializer: (payload, context): BusMessage => ({
      channel: context?.channel ?? '',
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload),
    }),
  });
  const redisLog = createRedisLog(commands);
  const disconnectListeners = new Set<() => void>();
  const reconnectListeners = new Set<() => void>();
  let isClosed = false;
  reportState(subscriberConnection, 'subscriber', () => isClosed, log);
  reportState(commands, 'commands', () => isClosed, log);
  subscriberConnection.on('close', () => {
    for (const listener of [...disconnectListeners]) listener();
  });
  const tellReturn = (): void => {
    for (const listener of [...reconnectListeners]) listener();
  };
  onEachReturn(subscriberConnection, tellReturn);
  onEachReturn(commands, () => {
    if (subscriberConnection.status === 'ready') tellReturn(); // it may be another Redis that answers now
  });
  const stopWatching = [
    watchPulse(subscriberConnection),
    watchPulse(commands),
    watchFailovers(address, () => {
      log.warn('Redis fails over to another primary');
      for (const connection of [subscriberConnection, commands]) renew(connection);
    }),
  ];

  return {
    subscribe: (name, onMessage) => subscribe(pubsub, subscriber.confirmed, name, onMessage, log),
    async publish(channel, payload) {
      await commands.publish(channel, payload);
    },
    append: redisLog.append,
    readLast: redisLog.readLast,
    readFrom: redisLog.readFrom,
    // On a cluster the keys live on different nodes.
    read: (keys) =>
      commands instanceof Cluster
        ? Promise.all(keys.map((key) => commands.get(key)))
        : commands.mget([...keys]),
    async write(key, value, expiresInSeconds) {
      await commands.set(key, value, 'EX', expiresInSeconds);
    },
    async agree(key, proposal) {
      await commands.set(key, proposal, 'NX');
      return (await commands.get(key)) ?? proposal;
    },
    async keepDeadLetter(stream, { topic, reason, detail, payload }) {
      const digest = createHash('sha256').update(topic).update(payload).digest('base64url');
      const first = await commands.set(`${stream}:${digest}`, '1', 'EX', DEAD_LETTER_MEMORY_S, 'NX');
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
      await commands.xadd(stream, 'MAXLEN', '~', DEAD_LETTERS_KEPT, '*', ...fields);
    },
    isReachable: () => answers(commands),
    onDisconnect(listener) {
      disconnectListeners.add(listener);
      return () => disconnectListeners.delete(listener);
    },
    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },
    async close() {
      isClosed = true;
      for (const stop of stopWatching) stop();
      disconnectListeners.clear();
      reconnectListeners.clear();
      subscriberConnection.disconnect();
      commands.disconnect();
    },
  };
}

function subscribe(
  pubsub: RedisPubSub,
  confirmed: (name: string) => Promise<void>,
  name: ChannelName,
  onMessage: (message: BusMessage) => void,
  log: Logger,
): BusSubscription {
  const trigger = name.pattern ?? name.channel;
  const registered = pubsub.subscribe(trigger, onMessage, { pattern: name.pattern !== undefined });
  let open = true;
  return {
    ready: confirmed(trigger),
    close() {
      if (!open) return;
      open = false;
      registered
        .then((id) => pubsub.unsubscribe(id))
        .catch((err: unknown) => log.error({ err }, 'unsubscribe failed'));
    },
  };
}

/** Says when a connection is lost and when it is back: once each, not at every attempt. */
function reportState(connection: RedisConnection, role: string, isClosed: () => boolean, log: Logger): void {
  let isUp: boolean | undefined;
  connection.on('ready', () => {
    if (isUp !== true) log.info({ role }, 'connected to Redis');
    isUp = true;
  });
  connection.on('error', (error: Error) => {
    if (isUp !== false) log.warn({ role, reason: error.message }, 'Redis is not reachable; trying again');
    isUp = false;
  });
  connection.on('close', () => {
    if (isUp === true && !isClosed()) log.warn({ role }, 'lost the connection to Redis; trying again');
    isUp = false;
  });
}

/**
 * Also of the first time, if it was tried in vain before. ioredis subscribes again by itself, on the same connection, before
 * it says `ready`: the answer to a PING sent then comes after those of the SUBSCRIBEs.
 */
function onEachReturn(connection: RedisConnection, listener: () => void): void {
  let wasAway = false;
  connection.on('close', () => {
    wasAway = true;
  });
  connection.on('ready', () => {
    if (!wasAway) return;
    connection.ping().then(listener, () => {
      if (connection.status === 'ready') listener(); // an error is an answer too; else another `ready` will follow
    });
  });
}

async function answers(connection: RedisConnection): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PING_TIMEOUT_MS, false);
  });
  const ping = connection.ping().then(
    () => true,
    () => false,
  );
  try {
    return connection.status === 'ready' && (await Promise.race([ping, timeout]));
  } finally {
    clearTimeout(timer);
  }
}
