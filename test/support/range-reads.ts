import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { TestRedis } from './redis.ts';

/** Counts the log entries that servers read from Redis since the watch began. Reads by the append script do not count. */
export interface RangeReads {
  /** All reads until now are counted. */
  settled(): Promise<void>;
  /** How many entries of a log were read more than once. */
  repeated(stream: string): number;
  /** How often any log was read. */
  readonly count: number;
}

/** The ECHO of a client, as MONITOR prints it. */
const ECHO = /^\S+ \[\d+ [\d.:]+\] "echo" "([^"]+)"/i;
const XRANGE = /^\S+ \[\d+ [\d.:]+\] "xrange" "([^"]+)" "\d+-(\d+)" "\+" "COUNT" "(\d+)"/i;

export async function watchRangeReads({
  client,
  port,
}: Pick<TestRedis, 'client' | 'port'>): Promise<RangeReads> {
  // The monitor of ioredis breaks when there is much output.
  const monitor = spawn('redis-cli', ['-p', `${port}`, 'MONITOR'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void monitor.kill());
  const asked = new Map<string, number[]>();
  const echoes = new EventEmitter();
  let count = 0;
  createInterface(monitor.stdout).on('line', (line) => {
    const [, mark] = ECHO.exec(line) ?? [];
    if (mark !== undefined) echoes.emit(mark);
    const [, stream, from, entries] = XRANGE.exec(line) ?? [];
    if (stream === undefined) return;
    count += 1;
    const offsets = Array.from({ length: Number(entries) }, (_, at) => Number(from) + at);
    asked.set(stream, [...(asked.get(stream) ?? []), ...offsets]);
  });
  await once(monitor.stdout, 'data');
  return {
    async settled() {
      const mark = crypto.randomUUID();
      await Promise.all([once(echoes, mark), client.echo(mark)]);
    },
    repeated(stream) {
      const offsets = asked.get(stream) ?? [];
      return offsets.length - new Set(offsets).size;
    },
    get count() {
      return count;
    },
  };
}
