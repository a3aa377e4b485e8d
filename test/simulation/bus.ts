import type { Bus, BusMessage } from '../../src/bus/bus.ts';
import type { Lane } from './clock.ts';
import { type Connection, connect, latencyOf, type Surroundings } from './network.ts';
import type { RedisNode } from './redis.ts';

/** The port to the simulated Redis, as the adapter to the real one behaves: a connection that subscribes, and one for the rest. */
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

/** A name that somebody here subscribes to. */
interface Subscribed {
  readonly listeners: Set<(message: BusMessage) => void>;
  /** Settles with the first SUBSCRIBE that succeeds. */
  readonly confirmed: Promise<void>;
  readonly confirm: () => void;
  readonly refuse: (error: Error) => void;
  isConfirmed: boolean;
}

/** The latest KPIs are subscribed to once, when a server starts; nobody would try again. */
const NEVER_REFUSED = ':kpis:';

export function createSimulatedBus(surroundings: Surroundings): SimulatedBus {
  const { clock, random, redis, weather } = surroundings;
  const names = new Map<string, Subscribed>();
  /** What the node has taken of this connection's SUBSCRIBEs. */
  let active = new Set<string>();
  /** Messages of one name arrive in order, as long as the connection lasts. */
  let lanes = new Map<string, Lane>();
  const disconnectListeners = new Set<() => void>();
  const reconnectListeners = new Set<() => void>();
  const inFlight = new Set<Command>();
  let waiting: Command[] = [];
  let isClosed = false;

  function receive(channel: string, payload: Buffer): void {
    for (const name of active) {
      if (name === channel || (name.endsWith('*') && channel.startsWith(name.slice(0, -1))))
        push(name, { channel, payload });
    }
  }

  function push(name: string, message: BusMessage): void {
    if (random.chance(weather.loss)) return;
    const lane = lanes.get(name) ?? clock.lane();
    lanes.set(name, lane);
    const deliver = subscriber.whileUp(() => {
      for (const listener of [...(names.get(name)?.listeners ?? [])]) listener(message);
    });
    lane.after(latencyOf(surroundings), deliver);
    if (random.chance(weather.repetition)) clock.after(random.between(0, 10 * weather.latencyMs), deliver);
  }

  function sendSubscribe(name: string, subscribed: Subscribed): void {
    subscriber.ask(() => {
      const { refusal } = redis;
      if (refusal?.of === 'reads' && !subscribed.isConfirmed && !name.includes(NEVER_REFUSED)) {
        subscriber.answer(() => subscribed.refuse(new Error(refusal.message)));
        return;
      }
      active.add(name);
      subscriber.answer(() => {
        subscribed.isConfirmed = true;
        subscribed.confirm();
      });
    });
  }

  function tellReturn(): void {
    for (const listener of [...reconnectListeners]) listener();
  }

  const subscriber = connect(surroundings, {
    receive,
    onClose() {
      active = new Set();
      for (const listener of [...disconnectListeners]) listener();
    },
    onConnect() {
      lanes = new Map();
      for (const [name, subscribed] of names) sendSubscribe(name, subscribed);
      subscriber.ask(() => subscriber.answer(tellReturn));
    },
  });

  const commands = connect(surroundings, {
    receive: () => undefined,
    onClose() {
      const open = [...inFlight];
      inFlight.clear();
      // Whether a command was done before the connection was lost, nobody knows: some are sent again, others fail.
      for (const command of open) {
        if (random.chance(0.5)) waiting.push(command);
        else command.reject(new Error('Connection is closed.'));
      }
    },
    onConnect() {
      const again = waiting;
      waiting = [];
      for (const command of again) send(command);
      commands.ask(() =>
        commands.answer(() => {
          if (subscriber.isUp) tellReturn();
        }),
      );
    },
  });

  function send(command: Command): void {
    inFlight.add(command);
    commands.ask((node) => {
      const outcome = perform(command, node);
      commands.answer(() => {
        if (inFlight.delete(command)) outcome();
      });
    });
  }

  /** Does it now; answers how its caller is to learn of it. */
  function perform({ of, run, resolve, reject }: Command, node: RedisNode): () => void {
    if (redis.refusal?.of === of) {
      const error = new Error(redis.refusal.message);
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

  function begin(name: string): Subscribed {
    let confirm = (): void => undefined;
    let refuse = (_error: Error): void => undefined;
    const confirmed = new Promise<void>((resolve, reject) => {
      confirm = resolve;
      refuse = reject;
    });
    confirmed.catch(() => undefined); // the business of those who await it
    const subscribed = { listeners: new Set<never>(), confirmed, confirm, refuse, isConfirmed: false };
    names.set(name, subscribed);
    if (subscriber.isUp) sendSubscribe(name, subscribed);
    return subscribed;
  }

  return {
    subscriber,
    commands,
    subscribe({ channel, pattern }, onMessage) {
      const name = pattern ?? channel;
      const subscribed = names.get(name) ?? begin(name);
      const listener = (message: BusMessage): void => onMessage(message);
      subscribed.listeners.add(listener);
      return {
        ready: subscribed.confirmed,
        close() {
          if (!subscribed.listeners.delete(listener) || subscribed.listeners.size > 0) return;
          if (names.get(name) === subscribed) names.delete(name);
          subscribed.refuse(new Error('unsubscribed'));
          if (!subscriber.isUp) return;
          subscriber.ask(() => {
            if (!names.has(name)) active.delete(name);
          });
        },
      };
    },
    publish: (channel, payload) =>
      order('writes', (node) => redis.publish(node, channel, Buffer.from(payload))),
    append: (keys, eventId, event, retention) =>
      order('writes', (node) => {
        const appended = node.data.append(keys, eventId, event, retention, clock.now + node.skewMs);
        if (appended === undefined) return undefined;
        redis.publish(node, appended.channel, appended.payload);
        return appended.position;
      }),
    readLast: (stream) => order('reads', ({ data }) => data.last(stream)),
    readFrom: (stream, position, count) =>
      order('reads', ({ data }) => [...data.from(stream, position, count)]),
    read: (keys) => order('reads', ({ data }) => keys.map((key) => data.value(key) ?? null)),
    write: () => order('writes', () => undefined),
    agree: (key, proposal) => order('writes', ({ data }) => data.agree(key, proposal)),
    keepDeadLetter: () => order('writes', () => undefined),
    isReachable: async () => commands.isUp,
    onDisconnect(listener) {
      disconnectListeners.add(listener);
      return () => disconnectListeners.delete(listener);
    },
    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },
    async close() {
      isClosed = true;
      subscriber.close();
      commands.close();
      const open = [...inFlight, ...waiting];
      inFlight.clear();
      waiting = [];
      for (const { reject } of open) reject(new Error('Connection is closed.'));
      for (const { refuse } of names.values()) refuse(new Error('Connection is closed.'));
    },
  };
}
