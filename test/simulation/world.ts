import { dmsNames } from '../support/domain.ts';
import { type Client, createClient } from './client.ts';
import type { Entry } from './data.ts';
import { FAIR, type Surroundings } from './network.ts';
import type { Plan, Step } from './plan.ts';
import { createPublishing } from './publishing.ts';
import { createSimulatedRedis } from './redis.ts';
import { type Server, startServer } from './server.ts';
import { createJudge, type Judge } from './subscription.ts';
import { createTruth, type Spot, wayBetween } from './truth.ts';
import { isNewestOnly, topicOf, type Viewer, type Wish } from './wishes.ts';

/** All parts of a run: Redis, servers, publishers and clients. */
export interface World {
  /** The number of published events. */
  readonly events: number;
  take(step: Step): void;
  /** Ends all faults. */
  heal(): void;
  /** Called after a quiet time. */
  expectWhole(): void;
  close(): void;
  expectNothingLeft(): void;
}

export type Tools = Omit<Surroundings, 'weather' | 'redis'> & { readonly onFault: (fault: string) => void };

/** The interval of keep-alives during the steps, and in the quiet time after them. */
const KEEP_ALIVE_MS = { busy: 400, quiet: 4000 };
/** The same number of entries as in src/topics/newest-snapshot.ts. */
const LOOKED_AT = 100;
const KINDS = ['crate', 'sendback', 'kpis'] as const;

export function createWorld(plan: Plan, { clock, random, note, onFault }: Tools): World {
  const names = dmsNames();
  const truth = createTruth();
  const weather = { ...FAIR };
  /** All generations that servers may have written into cursors, and those that were agreed. */
  const generations = new Set<string>();
  const agreed = new Set<string>();
  const redis = createSimulatedRedis(clock, random, {
    appended(entry) {
      note(
        () =>
          `${entry.eventId} is appended to ${entry.stream} at ${entry.position.epoch.slice(-5)}-${entry.position.offset}`,
      );
      truth.append(entry);
    },
    agreed(generation) {
      generations.add(generation);
      agreed.add(generation);
    },
    proposed: (generation) => generations.add(generation),
  });
  const surroundings: Surroundings = { clock, random, weather, redis, note };
  const servers: Server[] = [];
  const stopped: Server[] = [];
  const judges = new Map<Judge, string>();
  let isQuiet = false;
  let isOver = false;
  /** The number of active faults of a kind: the end of one does not end the others. */
  let refusals = 0;
  let storms = 0;

  function start(name: string): void {
    if (isOver) return;
    note(() => `${name} starts`);
    servers.push(startServer({ name, names, surroundings, onFault, ...plan.bounds }));
  }

  function stop(server: Server): void {
    servers.splice(servers.indexOf(server), 1);
    stopped.push(server);
    for (const client of clients) if (client.server === server) client.cut(0);
    server.close();
  }

  /** While no generation can be agreed, the topic's own cursor is valid. */
  const hasRefusedWrites = plan.steps.some((step) => step.does === 'refuse' && step.refusal.of === 'writes');

  const isCurrent = (generation: string): boolean =>
    hasRefusedWrites ||
    !agreed.has(generation) ||
    redis.nodes.some(
      (node) =>
        (node.isUp || node === redis.primary) &&
        KINDS.some((kind) => node.data.value(names.generationOf(kind)) === generation),
    );

  /** If an old primary lives on, some servers read entries that others cannot read. */
  const hasTwins = plan.steps.some((step) => step.does === 'fail over' && step.oldLivesMs > 0);

  /** True if every server that opens the topic reads the entry. Of snapshots only the last ones are read. */
  const isReadable = (entry: Entry): boolean =>
    !hasTwins && redis.primary.data.kept(entry.stream).slice(-LOOKED_AT).includes(entry);

  function isKept(entry: Entry): boolean {
    const newest = redis.primary.data.newest(entry.stream);
    return newest !== undefined && 'entries' in wayBetween(entry, newest);
  }

  /** A cursor with a proposed generation is valid only until another generation is agreed. */
  const isOnlyProposed = (spot: Spot | undefined): boolean =>
    spot !== undefined && 'generation' in spot && !agreed.has(spot.generation);

  /** True if the entry at a spot or a later one was deleted, and no seal is left to recognize it. */
  function isGone(stream: string, spot: Spot | undefined): boolean {
    const { data } = redis.primary;
    const kept = data.kept(stream)[0]?.position.offset ?? Number.POSITIVE_INFINITY;
    const deleted = Math.min(kept - 1, data.newest(stream)?.position.offset ?? 0);
    if (spot === undefined) return true;
    // A client may have newer snapshots than its server. That server then misses the deleted ones.
    const offset = 'generation' in spot || stream.includes('{kpis}') ? 0 : spot.position.offset;
    return offset < deleted;
  }

  function judgeOf(name: string, wish: Wish, viewer: Viewer): Judge {
    const stream = names.streamOf(topicOf(wish, viewer));
    const mayExpire = (spot: Spot | undefined): boolean =>
      plan.harm === 'any' || (plan.harm === 'age' && isGone(stream, spot)) || isOnlyProposed(spot);
    const report = (fault: string): void => onFault(`${name}: ${fault}`);
    const judge = createJudge({
      wish,
      stream,
      truth,
      generations,
      isCurrent,
      isKept,
      isReadable,
      mayExpire,
      onFault: report,
    });
    judges.set(judge, stream);
    return judge;
  }

  for (let number = 1; number <= plan.servers; number += 1) start(`server ${number}`);
  const clients: Client[] = plan.viewers.map((viewer, index) =>
    createClient({
      name: `client ${index + 1}`,
      viewer,
      surroundings,
      servers: () => servers,
      judgeOf,
      onFault,
    }),
  );
  const publishing = createPublishing(surroundings, names, plan.retention);

  function keepAlive(): void {
    if (isOver) return;
    for (const client of clients) client.sendPositions();
    clock.after(isQuiet ? KEEP_ALIVE_MS.quiet : KEEP_ALIVE_MS.busy, keepAlive);
  }
  keepAlive();

  const nth = <Item>(items: readonly Item[], number: number): Item | undefined =>
    items[number % items.length];

  function resubscribe(client: Client, which: number, by: 'old' | 'foreign' | 'garbage'): void {
    const others = clients.flatMap(({ subscriptions }) => subscriptions);
    const subscription = nth(client.subscriptions, which);
    // With snapshots the newest is delivered, whatever the cursor.
    if (subscription === undefined || (by !== 'old' && isNewestOnly(subscription.wish))) return;
    const stream = judges.get(subscription.judge);
    const cursors = {
      old: subscription.oldCursors,
      foreign: others
        .filter(({ judge }) => judges.get(judge) !== stream)
        .flatMap(({ oldCursors }) => oldCursors),
      garbage: [
        '',
        'x',
        'MTIzLTQ1LWFiY2RlZmdoaWprbA',
        Buffer.from(`${clock.now}-1-abcdefghijkl`).toString('base64url'),
      ],
    }[by];
    if (cursors.length > 0) client.resubscribe(which, by, random.pick(cursors));
  }

  function take(step: Step): void {
    switch (step.does) {
      case 'publish':
      case 'publish bare':
      case 'publish bad':
        publishing.publish(step.does, step.to, step.count);
        break;
      case 'publish foreign':
        publishing.publishForeign(step.to, step.count);
        break;
      case 'subscribe':
        nth(clients, step.client)?.subscribe(step.wish);
        break;
      case 'unsubscribe':
        nth(clients, step.client)?.unsubscribe(step.which);
        break;
      case 'resubscribe': {
        const client = nth(clients, step.client);
        if (client !== undefined) resubscribe(client, step.which, step.by);
        break;
      }
      case 'cut client':
        nth(clients, step.client)?.cut(step.noticedAfterMs);
        break;
      case 'stall client': {
        const client = nth(clients, step.client);
        client?.stall();
        clock.after(step.forMs, () => client?.read());
        break;
      }
      case 'cut Redis':
        nth(servers, step.server)?.bus[step.connection].cut(step.noticedAfterMs);
        break;
      case 'bad weather': {
        const { latencyMs, loss, repetition } = step;
        Object.assign(weather, { latencyMs, loss, repetition });
        storms += 1;
        clock.after(step.forMs, () => {
          storms -= 1;
          if (storms === 0) Object.assign(weather, FAIR);
        });
        break;
      }
      case 'refuse':
        redis.refusal = step.refusal;
        refusals += 1;
        clock.after(step.forMs, () => {
          refusals -= 1;
          if (refusals === 0) redis.refusal = undefined;
        });
        break;
      case 'fail over':
        redis.failOver(step.lost, step.oldLivesMs);
        // The sentinels notify some servers. Each of their connections reaches the new primary, or the old one again.
        for (const { bus } of servers) {
          if (!random.chance(0.6)) continue;
          bus.subscriber.cut(0);
          bus.commands.cut(0);
        }
        break;
      case 'restart Redis':
        redis.restart(step.lost, step.downMs);
        break;
      case 'sweep':
        // Another server has a shorter time limit.
        for (const { data, isUp } of redis.nodes) {
          for (const kind of KINDS) {
            const allowance = { seconds: step.seconds, keepsNewest: kind === 'kpis' };
            if (isUp) data.sweep(names.agingOf(kind), allowance, clock.now);
          }
        }
        break;
      case 'kill server': {
        const server = nth(servers, step.server);
        if (server === undefined) break;
        note(() => `${server.name} ends`);
        stop(server);
        clock.after(step.downMs, () => start(server.name));
      }
    }
  }

  function heal(): void {
    note(() => 'all faults end');
    isQuiet = true;
    Object.assign(weather, FAIR);
    redis.refusal = undefined;
    for (const client of clients) client.read();
    if (plan.hasLastWords) publishing.publishEverywhere();
  }

  function expectWhole(): void {
    note(() => 'all must have come');
    if (publishing.isBusy) onFault('a publisher has not come to an end');
    for (const { name, subscriptions } of clients) {
      for (const { judge, op } of subscriptions) {
        if (op === undefined) onFault(`a subscription of ${name} does not run`);
        const stream = judges.get(judge) ?? '';
        const { data } = redis.primary;
        judge.expectWhole(data.newest(stream), data.kept(stream));
      }
    }
  }

  return {
    get events() {
      return publishing.count;
    },
    take,
    heal,
    expectWhole,
    close() {
      isOver = true;
      for (const client of clients) client.leave();
      publishing.close();
      // Operations without subscribers end first, then the servers.
      clock.after(100, () => {
        for (const server of servers) expectIdle(server);
        for (const server of [...servers]) stop(server);
      });
    },
    expectNothingLeft() {
      for (const server of stopped) {
        const { topics, audiences } = server.holdings();
        if (topics + audiences > 0)
          onFault(`${server.name} still holds ${topics} topics and ${audiences} audiences`);
      }
    },
  };

  /** A server follows the KPIs of each unit and of all units as long as it runs. */
  function expectIdle(server: Server): void {
    const { topics, audiences } = server.holdings();
    if (topics !== 2 || audiences > 0)
      onFault(`${server.name} holds ${topics} topics and ${audiences} audiences for nobody`);
  }
}
