import { Cluster, type Redis } from 'ioredis';
import { messageOf } from '../errors.ts';
import type { RedisNode } from './redis-address.ts';
import { refusalCode } from './refusal.ts';

/** A connection to Redis. */
export type RedisConnection = Redis | Cluster;

/** With these answers Redis can still be read: it refuses PING together with writes, or to this account. */
const GOOD_ENOUGH = ['MISCONF', 'NOPERM'];

/** Whether Redis can be read, judged by its answer to PING. */
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
 * Calls back each time Redis has accepted a connection and its account. ioredis calls a connection ready before the answer to its
 * password is known. Where the default account needs no password, Redis executes commands as that account until ioredis hangs up.
 * @param onProven gets the answer of Redis to PING, and a function that says whether the connection is still the same.
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

/** The primaries: of a cluster several, else the one Redis. */
export const primariesOf = (connection: RedisConnection): readonly Redis[] =>
  connection instanceof Cluster ? connection.nodes('master') : [connection];

/** The nodes of a cluster that a connection has found by now. */
export function foundNodes(connection: RedisConnection): RedisNode[] {
  if (!(connection instanceof Cluster)) return [];
  return connection
    .nodes('all')
    .flatMap(({ options: { host, port } }) => (host && port ? [{ host, port }] : []));
}

/**
 * Drops a connection, so that ioredis makes a new one. A connection that is being made is dropped as soon as it is there, since it may
 * reach the wrong Redis: if it were dropped while ioredis asks the sentinels, ioredis would give up for good.
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
