import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { adminToken, expectFlawless, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const UNITS = ['1', '2', '3', '4'];

test('clients cut at random a thousand times under 500 events a second, back on either server: nothing is lost', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const servers = [await useServer(redis.url), await useServer(redis.url)];
  const route = routeTo(...servers);
  const clients = [
    recordSocket(route, await adminToken(), [interestIn('request', ...UNITS), interestIn('crate', ...UNITS)]),
    recordStream(route, await adminToken(), interestIn('crate', ...UNITS)),
  ];
  for (const unit of UNITS) {
    const token = await tokenOf(unit);
    for (let index = 0; index < 6; index += 1)
      clients.push(recordSocket(route, token, [interestIn('request', unit), interestIn('crate', unit)]));
    for (let index = 0; index < 2; index += 1)
      clients.push(recordStream(route, token, interestIn('request', unit)));
  }
  await untilLive(clients);
  const publisher = usePublisher(redis.url);
  const stop = publisher.flow(
    UNITS.flatMap((unit) => [{ kind: 'request', unit } as const, { kind: 'crate', unit } as const]),
    500,
  );
  for (let cuts = 0; cuts < 1000; await pause(5)) {
    if (clients[Math.floor(Math.random() * clients.length)]?.cut()) cuts += 1;
  }
  await stop();
  await expectFlawless(clients, publisher, servers);
}, 180_000);
