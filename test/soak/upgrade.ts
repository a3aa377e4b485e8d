/**
 * Upgrading and rolling back: servers, publishers, clients and Django apps of two versions on one Redis and one database.
 * `UPGRADE_FROM=<commit, or a folder with a build> SOAK_MINUTES=5 npm run soak -- upgrade`; for hours, `SOAK_EVENTS_PER_SECOND=5`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { Publisher } from '../../src/publisher.ts';
import { useProxy } from '../faults/support/proxy.ts';
import { usePublisher } from '../faults/support/recording-publisher.ts';
import { useRedisProcess } from '../faults/support/redis-process.ts';
import { expectFlawless, recordingsOf, tokenOf, untilLive } from '../faults/support/world.ts';
import { until } from '../support/redis.ts';
import { type Crowd, countPublished, recordCrowd, say, topicsOf } from './support/crowd.ts';
import { useFleet } from './support/fleet.ts';
import { useOffice } from './support/office.ts';
import { newRelease, oldRelease, type Release } from './support/release.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 5);
const FROM = process.env['UPGRADE_FROM'] ?? 'HEAD~1';
/** Units that the DMS does not have. Requests are Django's alone, so that their log has what the pages must get. */
const CROWD: Crowd = {
  units: ['901', '902', '903'],
  kind: 'storage',
  socketsPerUnit: 5,
  streamsPerUnit: 2,
};
const TOPICS = topicsOf(CROWD);
const EVENTS_PER_SECOND = Number(process.env['SOAK_EVENTS_PER_SECOND'] ?? 100);
/** How long each colleague in Django pauses between two deeds, in seconds. */
const PAUSE_SECONDS = 20 / EVENTS_PER_SECOND;
/** Connections are cut after each round, in milliseconds. */
const ROUND_MS = Math.max(5000, (MINUTES * 60_000) / 300);
const FROM_DJANGO = /^[0-9a-f-]{36}$/;

type Name = Release['name'];
interface Phase {
  readonly name: string;
  readonly servers: readonly Name[];
  /** Publishers, and Django apps: each topic's events come from all of these. */
  readonly publishers: readonly Name[];
  /** Brings the tables to the new version first. Nothing brings them back. */
  readonly migrates?: boolean;
}

/** Servers before publishers on the way up, and the other way round on the way down. */
const PHASES: readonly Phase[] = [
  { name: 'before', servers: ['old', 'old'], publishers: ['old'] },
  { name: 'half of the servers are new', servers: ['old', 'new'], publishers: ['old'] },
  { name: 'all servers are new', servers: ['new', 'new'], publishers: ['old'] },
  {
    name: 'half of the publishers are new',
    servers: ['new', 'new'],
    publishers: ['old', 'new'],
    migrates: true,
  },
  { name: 'everything is new', servers: ['new', 'new'], publishers: ['new'] },
  { name: 'half of everything is back', servers: ['old', 'new'], publishers: ['old', 'new'] },
  { name: 'everything is back', servers: ['old', 'old'], publishers: ['old'] },
];

test(
  `an upgrade from ${FROM} and the way back lose nothing and repeat nothing`,
  async () => {
    const releases = { old: await oldRelease(FROM), new: await newRelease() };
    const redis = await useRedisProcess();
    const office = await useOffice(redis.url, releases.old, PAUSE_SECONDS);
    const { run, route, everyServer } = useFleet(redis.url, releases);
    await run(['old', 'old']);
    const clients = await recordCrowd(route, CROWD);
    await untilLive(clients);
    const balancer = await useProxy(() => Number(new URL(route()).port));
    const url = `http://127.0.0.1:${balancer.port}`;
    const pages = await Promise.all(Object.values(releases).map((release) => usePage(release, url)));

    const publishers = Object.fromEntries(
      Object.values(releases).map(({ name, publisher }) => [
        name,
        publisher.connectPublisher({ redisUrl: redis.url }),
      ]),
    ) as Record<Name, Publisher & { close(): Promise<void> }>; // the releases have these names
    onTestFinished(async () => {
      for (const publisher of Object.values(publishers)) await publisher.close();
    });
    /** Of Django. They are noted all along, since a log drops the oldest ones. */
    const logged = new Set<string>();
    let active: readonly Name[] = ['old'];
    const publisher = usePublisher(redis.url, {
      through: {
        publish: (channel, event) =>
          publishers[active[Math.floor(Math.random() * active.length)] ?? 'old'].publish(channel, event),
      },
    });

    for (const { name, servers: wanted, publishers: names, migrates = false } of PHASES) {
      say(name);
      const stop = publisher.flow(TOPICS, EVENTS_PER_SECOND);
      await run(wanted);
      if (migrates) await office.migrate(releases.new);
      active = names;
      await office.run(...names.map((one) => releases[one]));
      for (const end = Date.now() + (MINUTES * 60_000) / PHASES.length; Date.now() < end; ) {
        await pause(ROUND_MS);
        for (const id of await idsInLog(redis.client)) logged.add(id);
        balancer.cut();
        for (const client of clients) if (Math.random() < 0.5) client.cut();
      }
      await stop();
      await expectFlawless(clients, publisher, everyServer);
      // What one version refuses of the other would come late, from the log, and so be lost to nobody.
      expect(await redis.client.xrange('dms:deadletters', '-', '+', 'COUNT', 3)).toEqual([]);
      say(`nothing is lost of ${countPublished(publisher, TOPICS)} events, nor of ${logged.size} of Django`);
    }
    await office.rest();
    await until(async () => (await office.status(releases.old)).pending === 0);
    expect((await office.status(releases.old)).failed).toBe(0);
    for (const id of await idsInLog(redis.client)) logged.add(id);
    expect(logged.size).toBeGreaterThan(50);
    await until(() => pages.every(({ received }) => received.length >= logged.size));
    for (const { received, expirations } of pages) {
      expect(received.toSorted()).toEqual([...logged].toSorted());
      expect(expirations()).toBe(0);
    }
    const connections = clients.reduce((sum, client) => sum + client.connections, 0);
    say(
      `${countPublished(publisher, TOPICS)} events of publishers, ${logged.size} of Django, ${everyServer.length} servers, ` +
        `${recordingsOf(clients).length} subscriptions over ${connections} connections, 2 pages: nothing lost, nothing twice`,
    );
  },
  (MINUTES + 10) * 60_000,
);

/** A page with the client of a release, which follows the requests of all units. */
async function usePage({ client: { createLiveClient, RequestUpdatedDocument } }: Release, url: string) {
  const received: string[] = [];
  let expired = 0;
  const token = await tokenOf('admin');
  const client = createLiveClient({
    url: `${url}/graphql`,
    getToken: () => token,
    webSocketImpl: WebSocket,
    retry: { firstMs: 100, maxMs: 1000 },
  });
  onTestFinished(() => client.close());
  await new Promise<void>((resolve) => {
    client.follow(
      RequestUpdatedDocument,
      {},
      {
        event({ requestUpdated: { id } }) {
          if (FROM_DJANGO.test(id)) received.push(id);
        },
        started(why) {
          if (why === 'lost') expired += 1;
          resolve();
        },
      },
    );
  });
  return { received, expirations: () => expired };
}

/** The ids of Django's events in the log of all units' requests. */
async function idsInLog(redis: Redis): Promise<readonly string[]> {
  const entries = await redis.xrange('dms:{request}:units', '-', '+');
  return entries
    .map(([, fields]) => fields[fields.indexOf('id') + 1] ?? '')
    .filter((id) => FROM_DJANGO.test(id));
}
