import { agreeOn } from '../../src/bus/agreement.ts';
import type { Bus, LogEntry } from '../../src/bus/bus.ts';
import { createRedisPubSub } from '../../src/bus/redis-pubsub.ts';
import { watchRoundTrip } from '../../src/bus/redis-round-trip.ts';
import { keepSubscribed } from '../../src/bus/redis-subscriptions.ts';
import { isRefusal } from '../../src/bus/refusal.ts';
import type { Logger } from '../../src/log.ts';
import type { Entry } from './data.ts';
import { type Connection, connect, type Surroundings } from './network.ts';
import type { RedisNode } from './redis.ts';
import { createSimulatedSubscriber } from './subscriber.ts';

/**
 * The port to the simulated Redis: one connection for subscriptions, and one for commands. The real code keeps the subscriptions
 * alive and proves them.
 */
export interface SimulatedBus extends Bus {
  readonly subscriber: Pick<Connection, 'cut'>;
  readonly commands: Pick<Connection, 'cut'>;
}

interface Command {
  readonly of: 'reads' | 'writes';
  readonly run: (node: RedisNode) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function createSimulatedBus(surroundings: Surroundings, log: Logger): SimulatedBus {
  const { clock, random, redis } = surroundings;
  const reconnectListeners = new Set<() => void>();
  const inFlight = new Set<Command>();
  let waiting: Command[] = [];
  let isClosed = false;
  let commandsNode = (): RedisNode | undefined => undefined;
  /** The process of Redis that answered last. */
  let met: string | undefined;

  // Both connections of a server lead to one node. Otherwise one could lead to the new primary, and the other to the old one. A
  // topic that is read from the old node and live from the new one would then switch between two histories of its log. Only the
  // round trip would show it.
  const { client, connection: subscriber } = createSimulatedSubscriber(surroundings, () => commandsNode());
  const subscriptions = keepSubscribed(client, () => {
    for (const listener of [...reconnectListeners]) listener();
  });
  const subscribe = createRedisPubSub({ subscriberConnection: client, commands: client, subscriptions, log });

  const commands: Connection = connect(
    surroundings,
    {
      receive: () => undefined,
      onClose() {
        const open = [...inFlight];
        inFlight.clear();
        // A client cannot know whether a command was done before the connection was lost. Some are sent again, others fail.
        for (const command of open) {
          if (random.chance(0.5)) waiting.push(command);
          else command.reject(new Error('Connection is closed.'));
        }
      },
      onConnect() {
        const again = waiting;
        waiting = [];
        for (const command of again) send(command);
        meet();
      },
      onError: () => undefined,
    },
    () => subscriber.node,
  );
  commandsNode = () => commands.node;

  /** Like src/bus/redis-watch.ts: after a reconnect another Redis may answer. */
  function meet(): void {
    commands.ask((node) =>
      commands.answer(() => {
        const before = met;
        met = node.life;
        if (before === undefined || before === met || roundTrip.isDeaf) return;
        subscriptions.distrust();
        subscriptions.trust();
      }),
    );
  }
  if (commands.isUp) meet();

  function send(command: Command): void {
    inFlight.add(command);
    commands.ask((node) => {
      const outcome = perform(command, node);
      commands.answer(() => {
        if (inFlight.delete(command)) outcome();
      });
    });
  }

  /** Runs the command now. Returns a function that reports the result to the caller. */
  function perform({ of, run, resolve, reject }: Command, node: RedisNode): () => void {
    const { refusal } = redis;
    if (refusal !== undefined && (refusal.of === 'all' || refusal.of === of)) {
      const error = new Error(refusal.message);
      return () => reject(error);
    }
    const result = run(node);
    return () => resolve(result);
  }

  function order<Result>(of: Command['of'], run: (node: RedisNode) => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const command = { of, run, resolve: resolve as (result: unknown) => void, reject };
      if (isClosed) reject(new Error('Connection is closed.'));
      else if (commands.isUp) send(command);
      else if (random.chance(0.7)) waiting.push(command);
      else clock.after(random.between(0, 50), () => reject(new Error('Connection is closed.')));
    });
  }

  const timeOf = (node: RedisNode): number => clock.now + node.skewMs;
  const readValue = (key: string): Promise<string | undefined> =>
    order('reads', ({ data }) => data.value(key));
  const publish = (channel: string, payload: string | Buffer): Promise<void> =>
    order('reads', (node) => redis.publish(node, channel, Buffer.from(payload)));

  const probeChannel = `dms:probe:${crypto.randomUUID()}`;
  const roundTrip = watchRoundTrip({
    publish: (payload) => [publish(probeChannel, payload)],
    isPossible: () => commands.isUp && subscriptions.isConfirmed(probeChannel),
    onDeaf: subscriptions.distrust,
    onRecovered: subscriptions.trust,
    renew() {
      subscriber.renew();
      commands.renew();
    },
  });
  const probe = subscribe(
    { channel: probeChannel },
    ({ payload }) => roundTrip.receive(String(payload)),
    (state) => state === 'live' && roundTrip.send(),
  );

  const bus: Bus = {
    subscribe,
    publish,
    append: (keys, eventId, event, retention) =>
      order('writes', (node) => {
        const appended = node.data.append(keys, eventId, event, retention, timeOf(node));
        if (appended === undefined) return undefined;
        redis.publish(node, appended.channel, appended.payload);
        return appended.position;
      }),
    readLast: (stream) =>
      order('reads', (node) => dated(timeOf(node), node.data.last(stream))).then(([last]) => last),
    readFrom: (stream, position, count) =>
      order('reads', (node) => dated(timeOf(node), ...node.data.from(stream, position, count))),
    readSeal: (stream) => order('reads', ({ data }) => data.seal(stream)),
    sweep: (agingKey, allowance) =>
      order('writes', (node) => node.data.sweep(agingKey, allowance, timeOf(node))),
    read: (keys) => order('reads', ({ data }) => keys.map((key) => data.value(key) ?? null)),
    readFields: async (_key, fields) => fields.map(() => null),
    findKeys: async () => undefined,
    expiresIn: async () => undefined,
    revoke: async () => undefined,
    forgetRevocations: async () => 0,
    write: () => order('writes', () => undefined),
    agree: (key, proposal) =>
      agreeOn({
        read: () => readValue(key),
        async propose() {
          try {
            await order('writes', ({ data }) => data.agree(key, proposal));
          } catch (error) {
            if (isRefusal(error)) redis.propose(proposal);
            throw error;
          }
        },
      }),
    keepDeadLetter: () => order('writes', () => undefined),
    forgetDeadLetters: async () => undefined,
    isReachable: async () => commands.isUp,
    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },
    async close() {
      isClosed = true;
      subscriptions.close();
      probe.close();
      roundTrip.close();
      reconnectListeners.clear();
      subscriber.close();
      commands.close();
      const open = [...inFlight, ...waiting];
      inFlight.clear();
      waiting = [];
      for (const { reject } of open) reject(new Error('Connection is closed.'));
    },
  };
  return { ...bus, subscriber, commands };
}

/** The part of the bus that publishers need. */
export type SimulatedAppender = Pick<Bus, 'append' | 'publish' | 'close'>;

/** A single connection for publishing. */
export function createSimulatedAppender(surroundings: Surroundings): SimulatedAppender {
  const { clock, redis } = surroundings;
  let waiting = new Set<(error: Error) => void>();
  const fail = (): void => {
    const open = waiting;
    waiting = new Set();
    for (const reject of open) reject(new Error('Connection is closed.'));
  };
  const connection: Connection = connect(surroundings, {
    receive: () => undefined,
    onClose: fail,
    onConnect: () => undefined,
    onError: () => undefined,
  });

  function order<Result>(of: 'reads' | 'writes', run: (node: RedisNode) => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (!connection.isUp) {
        reject(new Error('Connection is closed.'));
        return;
      }
      waiting.add(reject);
      connection.ask((node) => {
        const { refusal } = redis;
        const isRefused = refusal !== undefined && (refusal.of === 'all' || refusal.of === of);
        const result = isRefused ? undefined : { of: run(node) };
        connection.answer(() => {
          if (!waiting.delete(reject)) return;
          if (result === undefined) reject(new Error(refusal?.message));
          else resolve(result.of);
        });
      });
    });
  }

  return {
    publish: (channel, payload) =>
      order('reads', (node) => redis.publish(node, channel, Buffer.from(payload))),
    append: (keys, eventId, event, retention) =>
      order('writes', (node) => {
        const appended = node.data.append(keys, eventId, event, retention, clock.now + node.skewMs);
        if (appended === undefined) return undefined;
        redis.publish(node, appended.channel, appended.payload);
        return appended.position;
      }),
    async close() {
      connection.close();
      fail();
    },
  };
}

/** Entries with times of the server's clock instead of that of Redis. */
const dated = (redisTime: number, ...entries: readonly (Entry | undefined)[]): LogEntry[] =>
  entries.flatMap((entry) =>
    entry === undefined ? [] : { ...entry, appendedBy: performance.now() - redisTime + entry.at },
  );
