import type { Writable } from 'node:stream';

/** What is needed of an ioredis connection. */
interface Connected {
  readonly status: string;
  readonly stream: Pick<Writable, 'cork' | 'uncork'>;
}

/**
 * Sends all commands of this turn to Redis in one write: each write costs more than the command in it. A pipeline of ioredis would do
 * the same, and would cost a client that connects about 20 µs more for its two commands.
 */
export function writeTogether({ status, stream }: Connected): void {
  if (status !== 'ready') return; // ioredis keeps the commands until it is
  stream.cork();
  process.nextTick(() => stream.uncork());
}
