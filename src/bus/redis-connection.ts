import { Cluster, type Redis } from 'ioredis';
import { messageOf } from '../errors.ts';
import type { RedisNode } from './redis-address.ts';
import { refusalCode } from './refusal.ts';

/** A connection to Redis. */
export type RedisConnection = Redis | Cluster;

/** Redis answers these, and yet can be read and listened to: it refuses PING with the writes, or to this account. */
const GOOD_ENOUGH = ['MISCONF', 'NOPERM'];

/** Whether Redis, by how it answers PING, can be read. */
export async function canRead(connection: RedisConnection): Promise<true | Error> {
  try {
    await connection.ping();
    return true;
  } catch (error) {
    if (GOOD_ENOUGH.includes(refusalCode(error) ?? '')) return true;
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/**
 * Calls back each time Redis has taken a connection, and the account that it is for. ioredis calls a connection ready before
 * the answer to its password is known; where the default account needs none, Redis carries out as that account what is asked
 * until ioredis hangs up.
 * @param onProven gets what Redis answered to PING, and whether the connection is still the same.
 */
export function whenProven(
  connection: RedisConnection,
  onProven: (answer: true | Error, isSame: () => boolean) => void,
): void {
  let life = 0;
  const end = (): void => {
    life += 1;
  };
  connection.on('close', end);
  connection.on('error', end);
  connection.on('ready', () => {
    life += 1;
    const mine = life;
    const isSame = (): boolean => mine === life;
    // The refusal of a password arrives together with this answer, and becomes an `error` in the same turn.
    void canRead(connection).then((answer) => setImmediate(() => isSame() && onProven(answer, isSame)));
  });
}

/** The nodes of a cluster that a connection has found by now. */
export function foundNodes(connection: RedisConnection): RedisNode[] {
  if (!(connection instanceof Cluster)) return [];
  return connection
    .nodes('all')
    .flatMap(({ options: { host, port } }) => (host && port ? [{ host, port }] : []));
}

/**
 * Drops a connection, for ioredis to make a new one. One that is being made is dropped once it is there: whom it will reach
 * may be out of date, but ioredis takes a disconnect while it asks the sentinels as an order to give up for good.
 */
export function renew(connection: RedisConnection): void {
  const drop = (): void => connection.disconnect(true);
  if (connection.status === 'connecting') {
    connection.once('connect', drop);
    connection.once('close', () => connection.off('connect', drop));
  } else {
    drop();
  }
}
