import { Cluster } from 'ioredis';
import type { Health } from '../health.ts';
import type { Logger } from '../log.ts';
import type { Bus } from './bus.ts';
import type { RedisConnection } from './redis-connection.ts';
import { watchEviction } from './redis-eviction.ts';
import { watchLink } from './redis-link.ts';
import { watchLoading } from './redis-loading.ts';
import { watchRoundTrip } from './redis-round-trip.ts';
import type { Subscriptions } from './redis-subscriptions.ts';
import { reportTroubles } from './redis-troubles.ts';
import { watchWrites } from './redis-writes.ts';

/** The lifetime, in seconds, of the key that is written to find out whether Redis takes writes. */
const PROBE_KEY_S = 60;

export interface RedisWatchOptions {
  readonly commands: RedisConnection;
  readonly subscriberConnection: RedisConnection;
  readonly subscriptions: Subscriptions;
  readonly subscribe: Bus['subscribe'];
  readonly health: Pick<Health, 'report'>;
  readonly prefix: string;
  /** Makes the connections again. */
  readonly renew: () => void;
  /** A message of this process to itself has arrived, this many milliseconds after it was sent. */
  readonly onArrival: (ms: number) => void;
  readonly log: Logger;
}

export interface RedisWatch {
  /** Reads, unless Redis is loading its data. */
  read<Result>(read: () => Promise<Result>): Promise<Result>;
  /** Passes on the answer to a write, and learns from it whether Redis takes writes. */
  write<Result>(answer: Promise<Result>): Promise<Result>;
  close(): void;
}

/** Finds out what is wrong with Redis or the connection to it, reports that, and connects again where that may help. */
export function watchRedis(options: RedisWatchOptions): RedisWatch {
  const { commands, subscriberConnection, subscriptions, prefix, log } = options;
  const channel = `${prefix}:probe:${crypto.randomUUID()}`;
  let server: string | undefined;

  /** Another Redis may answer than before, with other logs and other keys. */
  async function meet(): Promise<void> {
    eviction.ask();
    const before = server;
    server = await identify(commands);
    if (before === undefined || (server !== '' && server === before) || roundTrip.isDeaf) return;
    subscriptions.distrust();
    subscriptions.trust();
  }

  const commandsLink = watchLink(commands, () => {
    log.info({ role: 'commands' }, 'connected to Redis');
    meet().catch(() => undefined); // the connection is gone, and another will be met
  });
  const subscriberLink = watchLink(subscriberConnection, () => {
    log.info({ role: 'subscriber' }, 'connected to Redis');
    if (roundTrip.isDeaf) roundTrip.send(); // PING was answered after every SUBSCRIBE
  });
  const eviction = watchEviction(() => commands.info('memory'), log);
  const writes = watchWrites(() => commands.set(`${prefix}:probe`, '1', 'EX', PROBE_KEY_S));
  const roundTrip = watchRoundTrip({
    publish: (payload) => nodesThatPublish(commands).map((node) => node.publish(channel, payload)),
    isPossible: () => commandsLink.downSince === undefined && subscriptions.isConfirmed(channel),
    onDeaf: subscriptions.distrust,
    onRecovered: subscriptions.trust,
    renew: options.renew,
    onArrival: options.onArrival,
  });
  const probe = options.subscribe(
    { channel },
    ({ payload }) => roundTrip.receive(String(payload)),
    (state) => state === 'live' && roundTrip.send(),
  );
  const stopReporting = reportTroubles(
    {
      links: [commandsLink, subscriberLink],
      subscriptions,
      roundTrip,
      writes,
      eviction,
      probeChannels: `&${prefix}:probe:*`,
    },
    options.health,
  );

  return {
    read: watchLoading(commands, commandsLink.fail).read,
    write: writes.watch,
    close() {
      stopReporting();
      probe.close();
      roundTrip.close();
      writes.close();
      eviction.close();
    },
  };
}

/** Which Redis answers; empty where that cannot be known. */
async function identify(connection: RedisConnection): Promise<string> {
  if (connection instanceof Cluster) return '';
  const info = await connection.info('server').catch(() => '');
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
}

/** Events come from any primary of a cluster. One that cannot be reached now takes none. */
function nodesThatPublish(connection: RedisConnection): readonly Pick<RedisConnection, 'publish'>[] {
  if (!(connection instanceof Cluster)) return [connection];
  return connection.nodes('master').filter(({ status }) => status === 'ready');
}
