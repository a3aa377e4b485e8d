import { messageOf } from '../errors.ts';
import type { RedisConnection } from './redis-connection.ts';
import { explainRefusal, isRefusal, refusalCode } from './refusal.ts';

/** A connection to Redis, as its user sees it. */
export interface Link {
  /** Since when Redis has not answered on it, by `performance.now()`; `undefined`: it answers. */
  readonly downSince: number | undefined;
  /** Why it is down, in an operator's words. */
  readonly reason: string;
}

/** How long a process that starts may take to find Redis before that counts, in milliseconds: it has other things to do. */
const START_MS = 2000;
const REFUSES = 'it refuses:';
/** How a connection ends that Redis hangs up after it said why. */
const HANG_UP = /ECONNRESET|EPIPE/;

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

/** ioredis tells how long it waits, which differs each time. */
function withoutPause(message: string): string {
  return message.replace(/ Retrying from scratch after \d+ms\./, '');
}

/**
 * Follows a connection. ioredis calls it ready before its password has been taken; here it is up when Redis has answered.
 * @param onUp called each time it is up.
 */
export function watchLink(connection: RedisConnection, onUp: () => void): Link {
  let downSince: number | undefined = performance.now() + START_MS;
  let reason = 'it has not answered yet';
  let life = 0;

  function fail(error: unknown): void {
    downSince ??= performance.now();
    const message = messageOf(error) || 'no connection could be made';
    if (isRefusal(error)) reason = `${REFUSES} ${explainRefusal(message)}`;
    else if (!(reason.startsWith(REFUSES) && HANG_UP.test(message))) reason = withoutPause(message);
  }

  connection.on('ready', () => {
    life += 1;
    const mine = life;
    canRead(connection)
      .then((answer) => {
        if (mine !== life) return;
        if (answer !== true) return fail(answer);
        downSince = undefined;
        onUp();
      })
      .catch(() => undefined);
  });
  connection.on('error', fail);
  connection.on('close', () => {
    life += 1;
    if (downSince === undefined) reason = 'the connection was lost';
    downSince ??= performance.now();
  });

  return {
    get downSince() {
      return downSince;
    },
    get reason() {
      return reason;
    },
  };
}
