import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.ts';

/** How often each connection is asked for a sign of life, in milliseconds. A connection that gives none for two turns is replaced. */
export const PULSE_MS = 3000;
const TURNS = 2;

interface Silence {
  /** `connect`: Redis took the connection, and has not said yet that it is ready. */
  readonly status: string;
  turns: number;
}

/**
 * Drops connections that do not answer, so that ioredis makes new ones. A host that vanishes, or a primary that hangs while another
 * takes over, does not close its connections, and a connection that only listens would never notice. Returns how to stop.
 * @param onDrop called when a connection is dropped.
 * @param onAnswer called with how long a connection took to answer, in milliseconds.
 */
export function watchPulse(
  connection: RedisConnection,
  onDrop: () => void = () => undefined,
  onAnswer: (ms: number) => void = () => undefined,
): () => void {
  const silences = new Map<Redis, Silence>();
  const watched = new WeakSet<Redis>();
  const timer = setInterval(() => {
    const nodes = nodesOf(connection).filter(({ status }) => status === 'ready' || status === 'connect');
    for (const node of silences.keys()) if (!nodes.includes(node)) silences.delete(node);
    for (const node of nodes) look(node);
  }, PULSE_MS);

  function look(node: Redis): void {
    const silence = silences.get(node);
    if (silence === undefined || silence.status !== node.status) {
      begin(node);
    } else if (silence.turns < TURNS) {
      silence.turns += 1;
    } else {
      silences.delete(node);
      onDrop();
      node.disconnect(true);
    }
  }

  function begin(node: Redis): void {
    const silence: Silence = { status: node.status, turns: 1 };
    silences.set(node, silence);
    if (!watched.has(node)) node.on('close', () => silences.delete(node)); // its answer may never come
    watched.add(node);
    const sentAt = performance.now();
    const answered = (): void => {
      if (silences.get(node) !== silence) return;
      silences.delete(node);
      if (node.status === 'ready') onAnswer(performance.now() - sentAt);
    };
    // While Redis loads its data it says so when asked for INFO, and answers nothing else.
    const answer = node.status === 'ready' ? node.ping() : node.info('persistence');
    answer.then(answered, answered); // an error is a sign of life, or the connection is gone
  }

  return () => clearInterval(timer);
}

function nodesOf(connection: RedisConnection): Redis[] {
  return connection instanceof Cluster ? connection.nodes('all') : [connection];
}
