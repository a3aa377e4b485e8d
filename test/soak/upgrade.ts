/**
 * Upgrading and rolling back: servers, publishers, clients and Django apps of two versions on one Redis and one database.
 * `UPGRADE_FROM=<commit, or a folder with a build> SOAK_MINUTES=5 npm run soak -- upgrade`
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { Publisher } from '../../src/publisher.ts';
import { interestIn } from '../faults/support/recording.ts';
import { usePublisher } from '../faults/support/recording-publisher.ts';
import { useRedisProcess } from '../faults/support/redis-process.ts';
import { recordSocket } from '../faults/support/socket-client.ts';
import { recordStream } from '../faults/support/stream-client.ts';
import {
  expectFlawless,
  type LiveServer,
  recordingsOf,
  tokenOf,
  untilLive,
  useServer,
} from '../faults/support/world.ts';
import { until } from '../support/redis.ts';
import { useBalancer } from './support/balancer.ts';
import { useOffice } from './support/office.ts';
import { newRelease, oldRelease, type Release } from './support/release.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 5);
const FROM = process.env['UPGRADE_FROM'] ?? 'HEAD~1';
/** Units that the DMS does not have. Requests are Django's alone, so that their log has what the pages must get. */
const UNITS = ['901', '902', '903'];
const TOPICS = UNITS.flatMap((unit) => [
  { kind: 'storage', unit } as const,
  { kind: 'crate', unit } as const,
]);
const EVENTS_PER_SECOND = 100;
const ROUND_MS = 5000;
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

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

test(
  `an upgrade from ${FROM} and the way back lose nothing and repeat nothing`,
  async () => {
    const releases = { old: await oldRelease(FROM), new: await newRelease() };
    const redis = await useRedisProcess();
    const office = await useOffice(redis.url, releases.old);
    const servers: { readonly name: Name; readonly server: LiveServer }[] = [];
    const everyServer: LiveServer[] = [];
    let turn = 0;
    const route = (): string => {
      turn += 1;
      return servers[turn % servers.length]?.server.url ?? '';
    };

    /** New ones come before others leave. */
    async function runServers(names: readonly Name[]): Promise<void> {
      for (const name of ['old', 'new'] as const) {
        const wanted = names.filter((one) => one === name).length;
        while (servers.filter((one) => one.name === name).length < wanted) {
          const server = await useServer(redis.url, {}, releases[name].dist);
          servers.push({ name, server });
          everyServer.push(server);
        }
      }
      for (const name of ['old', 'new'] as const) {
        const wanted = names.filter((one) => one === name).length;
        while (servers.filter((one) => one.name === name).length > wanted) {
          const [leaving] = servers.splice(
            servers.findIndex((one) => one.name === name),
            1,
          );
          leaving?.server.program.child.kill('SIGTERM');
          expect(await leaving?.server.program.exited).toBe(0);
        }
      }
    }

    await runServers(['old', 'old']);
    const clients = [];
    for (const unit of UNITS) {
      const token = await tokenOf(unit);
      for (let index = 0; index < 5; index += 1)
        clients.push(recordSocket(route, token, [interestIn('storage', unit), interestIn('crate', unit)]));
      for (let index = 0; index < 2; index += 1)
        clients.push(recordStream(route, token, interestIn('crate', unit)));
    }
    await untilLive(clients);
    const balancer = await useBalancer(route);
    const pages = await Promise.all(Object.values(releases).map((release) => usePage(release, balancer.url)));

    const publishers = Object.fromEntries(
      Object.values(releases).map(({ name, publisher }) => [
        name,
        publisher.connectPublisher({ redisUrl: redis.url }),
      ]),
    ) as Record<Name, Publisher & { close(): Promise<void> }>; // the releases have these names
    onTestFinished(async () => {
      for (const publisher of Object.values(publishers)) await publisher.close();
    });
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
      await runServers(wanted);
      if (migrates) await office.migrate(releases.new);
      active = names;
      await office.run(...names.map((one) => releases[one]));
      for (const end = Date.now() + (MINUTES * 60_000) / PHASES.length; Date.now() < end; ) {
        await pause(ROUND_MS);
        balancer.cut();
        for (const client of clients) if (Math.random() < 0.5) client.cut();
      }
      await stop();
      await expectFlawless(clients, publisher, everyServer);
    }
    await office.rest();
    await until(async () => (await office.status(releases.old)).pending === 0);
    expect((await office.status(releases.old)).failed).toBe(0);
    const logged = await idsInLog(redis.client);
    expect(logged.length).toBeGreaterThan(100);
    await until(() => pages.every(({ received }) => received.length >= logged.length));
    for (const { received, expirations } of pages) {
      expect(received.toSorted()).toEqual(logged.toSorted());
      expect(expirations()).toBe(0);
    }
    const published = TOPICS.reduce((sum, { kind, unit }) => sum + publisher.published(kind, unit), 0);
    const connections = clients.reduce((sum, client) => sum + client.connections, 0);
    say(
      `${published} events of publishers, ${logged.length} of Django, ${everyServer.length} servers, ` +
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
