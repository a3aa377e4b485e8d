import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, recordingsOf, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const UNITS = ['1', '2', '3', '4'];

/** Counts the range reads of each log, without those of the script that appends. */
async function countRangeReads(port: number): Promise<ReadonlyMap<string, number>> {
  const monitor = spawn('redis-cli', ['-p', `${port}`, 'MONITOR'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void monitor.kill());
  const reads = new Map<string, number>();
  createInterface(monitor.stdout).on('line', (line) => {
    const [, stream] = /^\S+ \[\d+ [\d.:]+\] "xrange" "([^"]+)"/i.exec(line) ?? [];
    if (stream !== undefined) reads.set(stream, (reads.get(stream) ?? 0) + 1);
  });
  await once(monitor.stdout, 'data');
  return reads;
}

test('a server killed with a thousand sockets: they resume on another, which reads each topic’s log once', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const [first, second] = [await useServer(redis.url), await useServer(redis.url)];
  let route = routeTo(first);
  const clients: RecordingClient[] = [];
  for (const unit of UNITS) {
    const token = await tokenOf(unit);
    const interest = interestIn('request', unit);
    for (let index = 0; index < 245; index += 1) clients.push(recordSocket(() => route(), token, [interest]));
    for (let index = 0; index < 5; index += 1) clients.push(recordStream(() => route(), token, interest));
  }
  await untilLive(clients);
  const publisher = usePublisher(redis.url);
  const stop = publisher.flow(
    UNITS.map((unit) => ({ kind: 'request', unit }) as const),
    200,
  );
  await pause(1500);
  const rangeReads = await countRangeReads(redis.port);

  route = routeTo(second);
  first.program.child.kill('SIGKILL');

  await until(() => clients.every(({ connections }) => connections >= 2));
  const missed = publisher.published('request', '1');
  await until(() =>
    recordingsOf(clients).every(({ interest, newest }) =>
      interest.units.every((unit) => newest(unit) >= missed - 1),
    ),
  );
  const reads = UNITS.map((unit) => rangeReads.get(`dms:{request}:unit:${unit}`) ?? 0);
  await stop();
  await expectFlawless(clients, publisher, [second]);
  expect(reads.filter((count) => count > 1)).toEqual([]);
}, 90_000);
