import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { interestIn } from '../faults/support/recording.ts';
import type { RecordingClient } from '../faults/support/recording-client.ts';
import { usePublisher } from '../faults/support/recording-publisher.ts';
import { useRedisProcess } from '../faults/support/redis-process.ts';
import { recordSocket } from '../faults/support/socket-client.ts';
import { recordStream } from '../faults/support/stream-client.ts';
import { expectFlawless, tokenOf, untilLive, useServer } from '../faults/support/world.ts';
import { readMetrics } from '../support/metrics.ts';
import { type Crowd, countPublished, recordCrowd, say, topicsOf } from './support/crowd.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const UNITS = ['1', '2', '3', '4'];
const CROWD: Crowd = { units: UNITS, kind: 'request', socketsPerUnit: 10, streamsPerUnit: 2 };
const TOPICS = topicsOf(CROWD);
const EVENTS_PER_SECOND = 150;
/** How much the memory of a server may grow after its first minute: as a factor, and in bytes. */
const MAX_GROWTH = 2;
const ALWAYS_ALLOWED_BYTES = 300_000_000;

function pick<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

test(
  `random faults for ${MINUTES} minutes lose nothing, and memory stays bounded`,
  async () => {
    const redis = await useRedisProcess();
    const steady = await useServer(redis.url); // the only server that lives for the whole run
    let others = [await useServer(redis.url), await useServer(redis.url)];
    const everyServer = [steady, ...others];
    const route = (): string => pick([steady, ...others]).url;

    const clients: RecordingClient[] = [
      recordSocket(route, await tokenOf('admin'), [
        interestIn('request', ...UNITS),
        interestIn('crate', ...UNITS),
      ]),
      recordStream(route, await tokenOf('admin'), interestIn('crate', ...UNITS)),
      ...(await recordCrowd(route, CROWD)),
    ];
    await untilLive(clients);
    const publisher = usePublisher(redis.url);

    async function replaceServer(signal: NodeJS.Signals): Promise<void> {
      const leaving = pick(others);
      const coming = await useServer(redis.url);
      everyServer.push(coming);
      others = [...others.filter((server) => server !== leaving), coming];
      leaving.program.child.kill(signal);
      await leaving.program.exited;
    }

    const faults: Record<string, () => Promise<unknown>> = {
      async 'Redis killed and restarted with its data'() {
        await redis.kill();
        await pause(Math.random() * 2000);
        await redis.start();
      },
      async 'Redis paused'() {
        redis.pause();
        await pause(Math.random() * 8000);
        redis.resume();
      },
      async 'subscribers of Redis cut'() {
        for (let time = 0; time < 20; time += 1) {
          await redis.client.client('KILL', 'TYPE', 'pubsub');
          await pause(Math.random() * 100);
        }
      },
      async 'clients cut'() {
        for (let cuts = 0; cuts < 100; await pause(5)) if (pick(clients).cut()) cuts += 1;
      },
      async 'clients that do not read'() {
        const stalled = [pick(clients), pick(clients), pick(clients)];
        for (const client of stalled) client.stall();
        await pause(3000);
        for (const client of stalled) client.read();
      },
      'a server killed': () => replaceServer('SIGKILL'),
      'a server asked to stop': () => replaceServer('SIGTERM'),
    };

    const memory = async (): Promise<number> =>
      (await readMetrics(steady)).get('process_resident_memory_bytes') ?? Number.NaN;
    let firstMemory: number | undefined;
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; ) {
      const stop = publisher.flow(TOPICS, EVENTS_PER_SECOND);
      for (const roundEnd = Math.min(end, Date.now() + 60_000); Date.now() < roundEnd; ) {
        const name = pick(Object.keys(faults));
        say(name);
        await faults[name]?.();
        await pause(Math.random() * 3000);
      }
      await stop();
      await expectFlawless(clients, publisher, everyServer);
      const bytes = await memory();
      firstMemory ??= bytes;
      say(
        `all is well after ${countPublished(publisher, TOPICS)} events; the server that was never stopped holds ${Math.round(bytes / 1e6)} MB`,
      );
      expect(bytes).toBeLessThan(Math.max(ALWAYS_ALLOWED_BYTES, MAX_GROWTH * firstMemory));
    }
  },
  (MINUTES + 2) * 60_000,
);
