import type { Writable } from 'node:stream';

/** The parts of an ioredis connection that are used here. */
interface Connected {
  readonly status: string;
  readonly stream: Pick<Writable, 'cork' | 'uncork'>;
}

/**
 * Lets all commands that follow in this turn leave for Redis in one write: each write costs more than the command in it. A pipeline of
 * ioredis would do the same, and would cost a client that connects about 20 µs more for its two commands.
 */
export function writeTogether({ status, stream }: Connected): void {
  if (status !== 'ready') return; // until then ioredis keeps the commands
  stream.cork();
  process.nextTick(() => stream.uncork());
}
