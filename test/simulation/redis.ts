import type { Clock } from './clock.ts';
import { createData, type Data, type DataObserver } from './data.ts';
import type { Random } from './random.ts';

/** What Redis refuses at the moment. */
export interface Refusal {
  /** What is refused: all commands, commands that write, SUBSCRIBE to some names, or new connections. */
  readonly of: 'all' | 'writes' | 'names' | 'connections';
  /** A part of the refused names. */
  readonly naming: string;
  /** The error, as Redis writes it. */
  readonly message: string;
}

/** A process of Redis. */
export interface RedisNode {
  readonly name: string;
  /** The id of the process, which a restart changes. */
  life: string;
  data: Data;
  isUp: boolean;
  readonly ears: Set<Ear>;
  /** The difference of its clock, in milliseconds. */
  readonly skewMs: number;
}

/** A subscriber's connection, as Redis sees it. */
export interface Ear {
  /** Receives a published message. */
  receive(channel: string, payload: Buffer): void;
  /** The node ends the connection. */
  drop(): void;
}

/** A primary, and former primaries that still run. Clients cannot choose which of them they reach. */
export interface SimulatedRedis {
  /** The node that a new connection reaches; `undefined` if there is none. */
  reach(): RedisNode | undefined;
  readonly primary: RedisNode;
  readonly nodes: readonly RedisNode[];
  refusal: Refusal | undefined;
  /** A value was proposed for a key, but could not be written. */
  propose(value: string): void;
  publish(node: RedisNode, channel: string, payload: Buffer): void;
  /**
   * Another node becomes the primary, without the newest `lost` changes. The old node continues for a while: it serves the
   * clients that are still connected to it, and their writes are lost.
   */
  failOver(lost: number, oldLivesMs: number): void;
  /** The primary ends, and starts again without the newest `lost` changes. */
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
      // This sentinel still names the old primary.
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
        if (node.isUp) stop(node); // two such faults overlap: the node ends again
        if (node !== primary) return; // the node is no longer the primary
        node.data = node.data.copy(lost);
        node.life += ' again';
        node.isUp = true;
      });
    },
  };
  return redis;
}
