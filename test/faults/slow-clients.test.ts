import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, recordingsOf, useWorld } from './support/world.ts';

const SENDBACKS = { kind: 'sendback', unit: '5' } as const;

/** A world in which only few bytes may wait for a client. */
async function useNarrowWorld(padding: number) {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const interest = interestIn('sendback', '5');
  return useWorld(redis.url, {
    settings: { MAX_OUTBOX_BYTES: '65536' },
    sockets: [['5', interest]],
    streams: [['5', interest]],
    publishing: { padding },
  });
}

test('clients that do not read are closed, and resume without loss', async () => {
  const { servers, clients, publisher } = await useNarrowWorld(20_000);
  for (const client of clients) client.stall();
  await until(async () => {
    await publisher.publish(SENDBACKS, 50);
    const metrics = await (await fetch(`${servers[0]?.url}/metrics`)).text();
    return /^dms_live_slow_clients_closed_total 2$/m.test(metrics);
  });
  for (const client of clients) client.read();
  await publisher.publish(SENDBACKS, 10);
  await expectFlawless(clients, publisher, servers);
  expect(clients[0]?.closes).toMatchObject([{ code: 1013 }]);
  expect(clients[1]?.closes).toHaveLength(1);
}, 120_000);

test('ten thousand events are replayed to clients that read slowly', async () => {
  const { servers, clients, publisher } = await useNarrowWorld(1000);
  for (const client of clients) client.leave();
  await publisher.publish(SENDBACKS, 10_000);
  for (const client of clients) client.comeBack();
  const isDone = (): boolean => recordingsOf(clients).every(({ newest }) => newest('5') === 10_000);
  await Promise.all(clients.map((client) => readSlowly(client, isDone)));
  await expectFlawless(clients, publisher, servers);
  expect(clients.map(({ connections }) => connections)).toEqual([2, 2]);
}, 120_000);

/** Reads for a moment, and rests for a longer one. */
async function readSlowly(client: RecordingClient, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    client.stall();
    await pause(20);
    client.read();
    await pause(2);
  }
}
