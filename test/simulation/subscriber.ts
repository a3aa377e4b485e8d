import { EventEmitter } from 'node:events';
import type { RedisConnection } from '../../src/bus/redis-connection.ts';
import type { Lane } from './clock.ts';
import { type Connection, connect, latencyOf, type Surroundings } from './network.ts';
import type { RedisNode, Refusal } from './redis.ts';

/** The connection for subscriptions: one object for the adapter, and one for the world. */
export interface SimulatedSubscriber {
  /** The part of an ioredis client that our adapter uses. */
  readonly client: RedisConnection;
  readonly connection: Connection;
}

/** Requests on the current connection that Redis has not answered yet. */
type Pending = Set<{ reject(error: Error): void }>;

/** An ioredis client that does not resubscribe and does not queue commands. */
export function createSimulatedSubscriber(
  surroundings: Surroundings,
  companion: () => RedisNode | undefined,
): SimulatedSubscriber {
  const { clock, random, redis, weather } = surroundings;
  const emitter = new EventEmitter();
  /** The names that the node has subscribed for this connection. */
  let active = new Set<string>();
  /** Messages of one name arrive in order while the connection lasts. */
  let lanes = new Map<string, Lane>();
  let pending: Pending = new Set();

  function receive(channel: string, payload: Buffer): void {
    for (const name of active) {
      if (name === channel) push(name, () => emitter.emit('messageBuffer', channel, payload));
      else if (name.endsWith('*') && channel.startsWith(name.slice(0, -1)))
        push(name, () => emitter.emit('pmessageBuffer', name, channel, payload));
    }
  }

  function push(name: string, emit: () => void): void {
    if (random.chance(weather.loss)) return;
    const lane = lanes.get(name) ?? clock.lane();
    lanes.set(name, lane);
    const deliver = connection.whileUp(emit);
    lane.after(latencyOf(surroundings), deliver);
    if (random.chance(weather.repetition)) clock.after(random.between(0, 10 * weather.latencyMs), deliver);
  }

  /** Sends a request to Redis. An error of Redis or of the connection rejects. */
  function ask(run: () => Error | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const command = { reject };
      if (!connection.isUp) {
        reject(new Error("Stream isn't writeable and enableOfflineQueue options is false"));
        return;
      }
      pending.add(command);
      connection.ask(() => {
        const error = run();
        connection.answer(() => {
          if (!pending.delete(command)) return;
          if (error === undefined) resolve('OK');
          else reject(error);
        });
      });
    });
  }

  /** If one name is refused, all names are refused. */
  function subscribe(...names: string[]): Promise<string> {
    return ask(() => {
      const refused = refusalOf(redis.refusal, names);
      if (refused === undefined) for (const name of names) active.add(name);
      return refused;
    });
  }

  function unsubscribe(name: string): Promise<string> {
    return ask(() => {
      active.delete(name);
      return undefined;
    });
  }

  const connection: Connection = connect(
    surroundings,
    {
      receive,
      onClose() {
        active = new Set();
        const unanswered = pending;
        pending = new Set();
        emitter.emit('close');
        for (const { reject } of unanswered) reject(new Error('Connection is closed.'));
      },
      onConnect() {
        lanes = new Map();
        emitter.emit('ready');
      },
      onError: (error) => emitter.emit('error', error),
    },
    companion,
  );
  // The listeners are added before this task runs.
  if (connection.isUp) {
    clock.after(
      0,
      connection.whileUp(() => emitter.emit('ready')),
    );
  }

  const client = {
    on: (event: string, listener: (...args: unknown[]) => void) => emitter.on(event, listener),
    ping: () => ask(() => refusalOf(redis.refusal, [])),
    subscribe,
    psubscribe: subscribe,
    unsubscribe,
    punsubscribe: unsubscribe,
  };
  return { client: client as unknown as RedisConnection, connection }; // these methods are all that our adapter uses
}

function refusalOf(refusal: Refusal | undefined, names: readonly string[]): Error | undefined {
  if (refusal?.of === 'all') return new Error(refusal.message);
  if (refusal?.of === 'names' && names.some((name) => name.includes(refusal.naming)))
    return new Error(refusal.message);
  return undefined;
}
