import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchRangeReads } from '../support/range-reads.ts';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, recordingsOf, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const UNITS = ['1', '2', '3', '4'];

test('a server with a thousand sockets is killed: they resume on another, which reads no entry of a log twice', async () => {
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
  // Each event goes to 250 clients: with more of them, a slow machine could not catch up while a thousand clients resume.
  const stop = publisher.flow(
    UNITS.map((unit) => ({ kind: 'request', unit }) as const),
    30,
  );
  await pause(1500);
  const reads = await watchRangeReads(redis);

  route = routeTo(second);
  first.program.child.kill('SIGKILL');

  await until(() => clients.every(({ connections }) => connections >= 2));
  const missed = publisher.published('request', '1');
  await stop(); // a slow machine could never catch up with a thousand clients while events go on
  await until(() =>
    recordingsOf(clients).every(({ interest, newest }) =>
      interest.units.every((unit) => newest(unit) >= missed - 1),
    ),
  );
  await reads.settled();
  const repeated = UNITS.map((unit) => reads.repeated(`dms:{request}:unit:${unit}`));
  await expectFlawless(clients, publisher, [second]);
  expect(repeated).toEqual([0, 0, 0, 0]);
}, 180_000);
