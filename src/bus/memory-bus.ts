import type { ChannelName } from '../topics/topic.ts';
import { type Bus, type BusMessage, DEAD_LETTERS_KEPT, type DeadLetter } from './bus.ts';

interface Subscriber {
  readonly name: ChannelName;
  readonly onMessage: (message: BusMessage) => void;
}

/** A bus within this process, with the semantics of the Redis one. For the demo and for tests of pure logic. */
export function createMemoryBus(): Bus {
  const subscribers = new Set<Subscriber>();
  const keys = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  const deadLetters: DeadLetter[] = [];

  function deliver(message: BusMessage): void {
    for (const subscriber of [...subscribers]) {
      if (matches(subscriber.name, message.channel)) subscriber.onMessage(message);
    }
  }

  function currentValue(key: string): string | null {
    const entry = keys.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAt > Date.now()) return entry.value;
    keys.delete(key);
    return null;
  }

  return {
    subscribe(name, onMessage) {
      const subscriber = { name, onMessage };
      subscribers.add(subscriber);
      return { ready: Promise.resolve(), close: () => subscribers.delete(subscriber) };
    },
    publish(channel, payload) {
      // Delivered later, as by a network: a publisher never runs its listeners' code.
      return new Promise((resolve) => {
        queueMicrotask(() => {
          deliver({ channel, payload: Buffer.from(payload) });
          resolve();
        });
      });
    },
    read: async (wanted) => wanted.map(currentValue),
    async write(key, value, expiresInSeconds) {
      keys.set(key, { value, expiresAt: Date.now() + expiresInSeconds * 1000 });
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
