import type { Clock } from './clock.ts';
import { createData, type Data, type DataObserver } from './data.ts';
import type { Random } from './random.ts';

/** What refuses at the moment. */
export interface Refusal {
  /** Which commands: all of them, those that write, or SUBSCRIBE to some names; or connections that are made. */
  readonly of: 'all' | 'writes' | 'names' | 'connections';
  /** What is in the names that are refused. */
  readonly naming: string;
  /** The error, as Redis writes it. */
  readonly message: string;
}

/** A process of Redis. */
export interface RedisNode {
  readonly name: string;
  /** Another one after a restart. */
  life: string;
  data: Data;
  isUp: boolean;
  readonly ears: Set<Ear>;
  /** By how much its clock differs, in milliseconds. */
  readonly skewMs: number;
}

/** A connection that subscribes, as Redis sees it. */
export interface Ear {
  /** Something was published. */
  receive(channel: string, payload: Buffer): void;
  /** The node ends it. */
  drop(): void;
}

/** A primary, and those that were primary before it and still run: whom clients reach, they do not choose. */
export interface SimulatedRedis {
  /** Whom a client that connects now reaches; `undefined`: nobody. */
  reach(): RedisNode | undefined;
  readonly primary: RedisNode;
  readonly nodes: readonly RedisNode[];
  refusal: Refusal | undefined;
  /** A value was proposed for a key, and could not be written. */
  propose(value: string): void;
  publish(node: RedisNode, channel: string, payload: Buffer): void;
  /**
   * Another node becomes the primary, without the newest `lost` changes. The old one runs on for a while: it serves those who
   * have not left it, and what they write there is lost.
   */
  failOver(lost: number, oldLivesMs: number): void;
  /** The primary ends, and comes back without the newest `lost` changes. */
  restart(lost: number, downMs: number): void;
}

const MAX_SKEW_MS = 3;

export function createSimulatedRedis(clock: Clock, random: Random, observer: DataObserver): SimulatedRedis {
  const nodes: RedisNode[] = [];
  let primary = addNode(createData(observer));

  function addNode(data: Data): RedisNode {
    const skewMs = random.between(-MAX_SKEW_MS, MAX_SKEW_MS);
    const name = `redis ${nodes.length + 1}`;
    const node = { name, life: name, data, isUp: true, ears: new Set<Ear>(), skewMs };
    nodes.push(node);
    return node;
  }

  function stop(node: RedisNode): void {
    node.isUp = false;
    for (const ear of [...node.ears]) ear.drop();
    node.ears.clear();
  }

  const redis: SimulatedRedis = {
    reach() {
      const running = nodes.filter((node) => node.isUp);
      // A sentinel that has not learnt it yet leads to the old one.
      return running.length > 1 && random.chance(0.2)
        ? random.pick(running)
        : primary.isUp
          ? primary
          : undefined;
    },
    get primary() {
      return primary;
    },
    nodes,
    refusal: undefined,
    propose: observer.proposed,
    publish(node, channel, payload) {
      for (const ear of node.ears) ear.receive(channel, payload);
    },
    failOver(lost, oldLivesMs) {
      const old = primary;
      primary = addNode(old.data.copy(lost));
      if (oldLivesMs === 0) stop(old);
      else clock.after(oldLivesMs, () => stop(old));
    },
    restart(lost, downMs) {
      const node = primary;
      stop(node);
      clock.after(downMs, () => {
        if (node.isUp) stop(node); // two such faults overlap: it ends once more
        if (node !== primary) return; // it is nobody's primary any more
        node.data = node.data.copy(lost);
        node.life += ' again';
        node.isUp = true;
      });
    },
  };
  return redis;
}
