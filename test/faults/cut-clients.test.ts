import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import { FAULT_ROUNDS } from '../support/rounds.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, useWorld } from './support/world.ts';

const UNITS = ['1', '2', '3', '4'];

/** `npm run soak` goes on for minutes. */
const CUTS = 100 * FAULT_ROUNDS;

test('clients are cut at random a hundred times at 300 events a second, and reconnect to either server: nothing is lost', async () => {
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
    300,
  );
  const cut = createCutter();
  for (let cuts = 0; cuts < CUTS; await pause(5)) {
    const client = clients[Math.floor(Math.random() * clients.length)];
    if (client !== undefined && cut(client)) cuts += 1;
  }
  await stop();
  await expectFlawless(clients, publisher, servers);
}, 180_000);

/**
 * Cuts a client at any moment. But it does not cut a client twice before each of its operations has received something. Otherwise
 * a client on a busy machine would make no progress, until its cursor is no longer in the history.
 */
function createCutter(): (client: RecordingClient) => boolean {
  const receivedAtCut = new Map<RecordingClient, readonly number[]>();
  const wasCutEarly = new Set<RecordingClient>();
  return (client) => {
    const received = client.recordings.map(({ stretches }) =>
      stretches.reduce((sum, { length }) => sum + length, 0),
    );
    const before = receivedAtCut.get(client) ?? [];
    const isEarly = received.some((count, operation) => count === before[operation]);
    if ((isEarly && wasCutEarly.has(client)) || !client.cut()) return false;
    if (isEarly) wasCutEarly.add(client);
    else wasCutEarly.delete(client);
    receivedAtCut.set(client, received);
    return true;
  };
}
