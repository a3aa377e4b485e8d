import type { Clock, Lane } from './clock.ts';
import type { Random } from './random.ts';
import type { RedisNode, SimulatedRedis } from './redis.ts';

/** How bad the network is at the moment. */
export interface Weather {
  /** The longest that anything is on its way, in milliseconds. */
  latencyMs: number;
  /** How often a message of Pub/Sub is lost without a sign, and how often it comes twice. */
  loss: number;
  repetition: number;
}

export const FAIR: Weather = { latencyMs: 4, loss: 0, repetition: 0 };

/** What everything in a run shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  readonly redis: SimulatedRedis;
  /** Writes a line of the trace; the sentence is made only where somebody reads it. */
  note(sentence: () => string): void;
}

export const latencyOf = ({ random, weather }: Pick<Surroundings, 'random' | 'weather'>): number =>
  random.between(0, weather.latencyMs);

/** One TCP connection to Redis at a time, and the next when that is lost. */
export interface Connection {
  readonly isUp: boolean;
  /** Where it leads. */
  readonly node: RedisNode | undefined;
  /** Has something done at the node, in the order in which it was asked for; not at all if the connection is lost before. */
  ask(run: (node: RedisNode) => void): void;
  /** Has something done here, in the order in which the node answered; not at all if the connection is lost before. */
  answer(run: () => void): void;
  /** A lane of this connection, for what is pushed to it. */
  lane(): Lane;
  /** Runs it unless the connection has been lost since. */
  whileUp(run: () => void): () => void;
  /** From now on nothing passes; this end notices after a while. */
  cut(noticedAfterMs: number): void;
  /** This end drops it, and connects again. */
  renew(): void;
  close(): void;
}

interface Ends {
  /** Something was published at the node. */
  receive(channel: string, payload: Buffer): void;
  onClose(): void;
  onConnect(): void;
  /** A connection could not be made, or was not taken. */
  onError(error: Error): void;
}

/** How long a client waits before it connects again, in milliseconds. */
const MAX_RETRY_MS = 200;

/**
 * It is up from the beginning, if Redis is.
 * @param companion where another connection of the same process leads: this one follows it, as long as that node runs.
 */
export function connect(
  surroundings: Surroundings,
  ends: Ends,
  companion: () => RedisNode | undefined = () => undefined,
): Connection {
  const { clock, random, redis } = surroundings;
  let node: RedisNode | undefined;
  let isSilent = false;
  let isClosed = false;
  let life = 0;
  let requests: Lane = clock.lane();
  let replies: Lane = clock.lane();
  const ear = {
    receive(channel: string, payload: Buffer) {
      if (!isSilent) ends.receive(channel, payload);
    },
    drop: () => cut(latencyOf(surroundings)),
  };

  function whileUp(run: () => void): () => void {
    const since = life;
    return () => {
      if (since === life && !isSilent && node !== undefined) run();
    };
  }

  function cut(noticedAfterMs: number): void {
    if (node === undefined || isSilent) return;
    isSilent = true;
    const since = life;
    clock.after(noticedAfterMs, () => {
      if (since === life && node !== undefined) lose();
    });
  }

  function leave(): void {
    node?.ears.delete(ear);
    node = undefined;
    isSilent = false;
    life += 1;
  }

  function lose(): void {
    leave();
    if (isClosed) return;
    ends.onClose();
    retry();
  }

  function retry(): void {
    clock.after(random.between(0, MAX_RETRY_MS), () => {
      if (isClosed || node !== undefined) return;
      const other = companion();
      const found = other?.isUp === true ? other : redis.reach();
      if (found === undefined || redis.refusal?.of === 'connections') {
        ends.onError(new Error(found && redis.refusal ? redis.refusal.message : 'connect ECONNREFUSED'));
        return retry();
      }
      open(found);
      ends.onConnect();
    });
  }

  function open(found: RedisNode): void {
    node = found;
    node.ears.add(ear);
    requests = clock.lane();
    replies = clock.lane();
  }

  const first = redis.reach();
  if (first === undefined) retry();
  else open(first);

  return {
    get isUp() {
      return node !== undefined;
    },
    get node() {
      return node;
    },
    ask(run) {
      requests.after(
        latencyOf(surroundings),
        whileUp(() => {
          if (node?.isUp === true) run(node);
        }),
      );
    },
    answer: (run) => replies.after(latencyOf(surroundings), whileUp(run)),
    lane: () => clock.lane(),
    whileUp,
    cut,
    renew() {
      if (node !== undefined) lose();
    },
    close() {
      isClosed = true;
      leave();
    },
  };
}
