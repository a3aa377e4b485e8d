import { formatEnvelope } from '../topics/position.ts';
import type { ChannelName } from '../topics/topic.ts';
import { type Bus, type BusMessage, DEAD_LETTERS_KEPT, type DeadLetter } from './bus.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';

interface Subscriber {
  readonly name: ChannelName;
  readonly onMessage: (message: BusMessage) => void;
}

/** A bus within this process, with the semantics of the Redis one. For the demo and for tests of pure logic. */
export function createMemoryBus(): Bus {
  const subscribers = new Set<Subscriber>();
  const keys = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  const logs = new Map<string, MemoryLog>();
  const deadLetters: DeadLetter[] = [];

  function deliver(message: BusMessage): void {
    for (const subscriber of [...subscribers]) {
      if (matches(subscriber.name, message.channel)) subscriber.onMessage(message);
    }
  }

  function currentValue(key: string): string | null {
    const entry = keys.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAt > performance.now()) return entry.value;
    keys.delete(key);
    return null;
  }

  function logOf(stream: string): MemoryLog {
    const log = logs.get(stream) ?? createMemoryLog();
    logs.set(stream, log);
    return log;
  }

  // Delivered later, as by a network: a publisher never runs its listeners' code.
  function publish(channel: string, payload: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      queueMicrotask(() => {
        deliver({ channel, payload: Buffer.from(payload) });
        resolve();
      });
    });
  }

  function set(key: string, value: string, expiresInSeconds: number): void {
    keys.set(key, { value, expiresAt: performance.now() + expiresInSeconds * 1000 });
  }

  return {
    subscribe(name, onMessage) {
      const subscriber = { name, onMessage };
      subscribers.add(subscriber);
      return { ready: Promise.resolve(), close: () => subscribers.delete(subscriber) };
    },
    publish,
    async append({ channel, stream, idPrefix, allStream }, eventId, event, retention) {
      const idKey = idPrefix + eventId;
      if (currentValue(idKey) !== null) return undefined;
      set(idKey, '1', retention.seconds);
      const entry = { channel, event: Buffer.from(event) };
      const position = logOf(stream).append(entry, retention);
      const inAll = allStream === undefined ? undefined : logOf(allStream).append(entry, retention);
      await publish(channel, formatEnvelope(position, inAll, event));
      return position;
    },
    readLast: async (stream) => logs.get(stream)?.last,
    readFrom: async (stream, position, count) => logs.get(stream)?.readFrom(position, count) ?? [],
    read: async (wanted) => wanted.map(currentValue),
    write: async (key, value, expiresInSeconds) => set(key, value, expiresInSeconds),
    async agree(key, proposal) {
      const agreed = currentValue(key) ?? proposal;
      set(key, agreed, Number.POSITIVE_INFINITY);
      return agreed;
    },
    async keepDeadLetter(_stream, letter) {
      deadLetters.push(letter);
      if (deadLetters.length > DEAD_LETTERS_KEPT) deadLetters.shift();
    },
    isReachable: async () => true,
    onReconnect: () => () => undefined,
    async close() {
      subscribers.clear();
      keys.clear();
    },
  };
}

/** The only patterns there are end in `*` (topics/topic.ts). */
function matches(name: ChannelName, channel: string): boolean {
  return name.pattern === undefined
    ? name.channel === channel
    : channel.startsWith(name.pattern.slice(0, -1));
}
