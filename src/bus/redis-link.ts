import { messageOf } from '../errors.ts';
import { canRead, type RedisConnection, whenProven } from './redis-connection.ts';
import { explainRefusal, isRefusal } from './refusal.ts';

/** Whether a connection to Redis works, and why not. */
export interface Link {
  /** Since when Redis has not answered on it, by `performance.now()`; `undefined`: it answers. */
  readonly downSince: number | undefined;
  /** Why it is down, in an operator's words. */
  readonly reason: string;
  /** Marks it as down: another part has found that out. */
  fail(error: unknown): void;
}

/** How long a process that starts may take to find Redis, in milliseconds. Until then the connection does not count as down. */
const START_MS = 2000;
const REFUSES = 'it refuses:';
/** The error of a connection that Redis closes. Redis may have given a reason before; that reason stays. */
const HANG_UP = /ECONNRESET|EPIPE/;

/** ioredis adds how long it waits, which differs each time. */
function withoutPause(message: string): string {
  return message.replace(/ Retrying from scratch after \d+ms\./, '');
}

/** An error of a whole cluster says little; the last one of a node says why. */
function lastErrorOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error;
}

/** Redis answers, but does not allow reading. How long to wait before it is asked again, in milliseconds. */
const ASK_AGAIN_MS = 500;

/**
 * Follows a connection: it is up when Redis answers on it and can be read.
 * @param onUp called each time it is up.
 */
export function watchLink(connection: RedisConnection, onUp: () => void): Link {
  let downSince: number | undefined = performance.now() + START_MS;
  let reason = 'it has not answered yet';

  function fail(error: unknown): void {
    downSince ??= performance.now();
    const cause = lastErrorOf(error);
    const message = messageOf(cause) || 'no connection could be made';
    if (isRefusal(cause)) reason = `${REFUSES} ${explainRefusal(message)}`;
    else if (!(reason.startsWith(REFUSES) && HANG_UP.test(message))) reason = withoutPause(message);
  }

  function take(answer: true | Error, isSame: () => boolean): void {
    if (!isSame()) return;
    if (answer === true) {
      downSince = undefined;
      onUp();
      return;
    }
    fail(answer);
    setTimeout(() => void canRead(connection).then((next) => take(next, isSame)), ASK_AGAIN_MS).unref();
  }

  whenProven(connection, take);
  connection.on('error', fail);
  connection.on('close', () => {
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
    fail,
  };
}
