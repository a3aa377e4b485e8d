import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, recordingsOf, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const SENDBACKS = { kind: 'sendback', unit: '5' } as const;

async function useWorld(padding: number) {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const server = await useServer(redis.url, { MAX_OUTBOX_BYTES: '65536' });
  const token = await tokenOf('5');
  const route = routeTo(server);
  const interest = interestIn('sendback', '5');
  const clients = [recordSocket(route, token, [interest]), recordStream(route, token, interest)];
  await untilLive(clients);
  return { server, clients, publisher: usePublisher(redis.url, { padding }) };
}

test('clients that do not read are closed, and resume without loss', async () => {
  const { server, clients, publisher } = await useWorld(20_000);
  for (const client of clients) client.stall();
  await until(async () => {
    await publisher.publish(SENDBACKS, 50);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return /^dms_live_slow_clients_closed_total 2$/m.test(metrics);
  });
  for (const client of clients) client.read();
  await publisher.publish(SENDBACKS, 10);
  await expectFlawless(clients, publisher, [server]);
  expect(clients[0]?.closes).toMatchObject([{ code: 1013 }]);
  expect(clients[1]?.closes).toHaveLength(1);
}, 60_000);

test('ten thousand events are replayed to clients that read slowly', async () => {
  const { server, clients, publisher } = await useWorld(1000);
  for (const client of clients) client.leave();
  await publisher.publish(SENDBACKS, 10_000);
  for (const client of clients) client.comeBack();
  const isDone = (): boolean => recordingsOf(clients).every(({ newest }) => newest('5') === 10_000);
  await Promise.all(clients.map((client) => readSlowly(client, isDone)));
  await expectFlawless(clients, publisher, [server]);
  expect(clients.map(({ connections }) => connections)).toEqual([2, 2]);
}, 60_000);

/** Reads for a moment, rests for a longer one. */
async function readSlowly(client: RecordingClient, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    client.stall();
    await pause(20);
    client.read();
    await pause(2);
  }
}
