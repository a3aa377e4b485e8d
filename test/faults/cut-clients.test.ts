import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import { interestIn } from './support/recording.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, useWorld } from './support/world.ts';

const UNITS = ['1', '2', '3', '4'];

test('clients cut at random a thousand times under 500 events a second, back on either server: nothing is lost', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const everywhere = (kind: 'request' | 'crate') => interestIn(kind, ...UNITS);
  const { servers, clients, publisher } = await useWorld(redis.url, {
    servers: 2,
    sockets: [
      ['admin', everywhere('request'), everywhere('crate')],
      ...UNITS.flatMap((unit) =>
        Array.from(
          { length: 6 },
          () => [unit, interestIn('request', unit), interestIn('crate', unit)] as const,
        ),
      ),
    ],
    streams: [
      ['admin', everywhere('crate')],
      ...UNITS.flatMap((unit) =>
        Array.from({ length: 2 }, () => [unit, interestIn('request', unit)] as const),
      ),
    ],
  });
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
