import type { Clock, Lane } from './clock.ts';
import type { Random } from './random.ts';
import type { RedisNode, SimulatedRedis } from './redis.ts';

/** How bad the network is now. */
export interface Weather {
  /** The longest time in transit, in milliseconds. */
  latencyMs: number;
  /** How often a Pub/Sub message is lost silently, and how often it arrives twice. */
  loss: number;
  repetition: number;
}

export const FAIR: Weather = { latencyMs: 4, loss: 0, repetition: 0 };

/** The objects that all parts of a run share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  readonly redis: SimulatedRedis;
  /** Writes a line of the trace. The sentence is built only if the trace is wanted. */
  note(sentence: () => string): void;
}

export const latencyOf = ({ random, weather }: Pick<Surroundings, 'random' | 'weather'>): number =>
  random.between(0, weather.latencyMs);

/** One TCP connection to Redis at a time. When it is lost, another one replaces it. */
export interface Connection {
  readonly isUp: boolean;
  /** The node at the other end. */
  readonly node: RedisNode | undefined;
  /**
   * Runs a task at the node. Tasks run in the order of the calls. A task that is in transit when the connection is lost does not
   * run.
   */
  ask(run: (node: RedisNode) => void): void;
  /**
   * Runs a task at this end. Tasks run in the order of the answers. A task that is in transit when the connection is lost does
   * not run.
   */
  answer(run: () => void): void;
  /** A lane of this connection, for data that the node pushes. */
  lane(): Lane;
  /** Wraps a task: it runs only if the connection was not lost since. */
  whileUp(run: () => void): () => void;
  /** From now on nothing passes. This end notices after a while. */
  cut(noticedAfterMs: number): void;
  /** This end closes the connection, and connects again. */
  renew(): void;
  close(): void;
}

interface Ends {
  /** Receives a message that was published at the node. */
  receive(channel: string, payload: Buffer): void;
  onClose(): void;
  onConnect(): void;
  /** A connection failed or was refused. */
  onError(error: Error): void;
}

/** The longest wait of a client before it reconnects, in milliseconds. */
const MAX_RETRY_MS = 200;

/**
 * Creates a connection. It is up from the start, if Redis is up.
 * @param companion the node of another connection of the same process. This connection leads to the same node while it runs.
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
