import type { ChannelName } from '../events/topic-names.ts';
import { digestOf, formatEnvelope } from '../topics/position.ts';
import { type Bus, type BusMessage, DEAD_LETTERS_KEPT, type DeadLetter } from './bus.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { createMemoryRevocations } from './memory-revocations.ts';

interface Subscriber {
  readonly name: ChannelName;
  readonly onMessage: (message: BusMessage) => void;
}

/** A bus within this process, with the semantics of the Redis one. For the demo and for tests of pure logic. */
export function createMemoryBus(): Bus {
  const subscribers = new Set<Subscriber>();
  const keys = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  const logs = new Map<string, MemoryLog>();
  const deadLetters: { readonly letter: DeadLetter; readonly at: number }[] = [];

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
    const log = logs.get(stream) ?? createMemoryLog(stream);
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

  function agree(key: string, proposal: string): string {
    const agreed = currentValue(key) ?? proposal;
    set(key, agreed, Number.POSITIVE_INFINITY);
    return agreed;
  }

  /** The generation of the logs, or of the revocations, that a key belongs to, as messages carry it. */
  const generationOf = (key: string): string =>
    digestOf(agree(`${kindOf(key)}:generation`, crypto.randomUUID()));

  return {
    ...createMemoryRevocations({ publish, generationOf }),
    subscribe(name, onMessage) {
      const subscriber = { name, onMessage };
      subscribers.add(subscriber);
      return { ready: Promise.resolve(), close: () => subscribers.delete(subscriber) };
    },
    publish,
    async append({ channel, stream, idPrefix, allStream }, eventId, event, retention) {
      const log = logOf(stream);
      if (log.has(eventId) || currentValue(idPrefix + eventId) !== null) return undefined;
      const entry = { channel, event: Buffer.from(event) };
      const position = log.append(entry, retention);
      log.remember(eventId);
      const inAll = allStream === undefined ? undefined : logOf(allStream).append(entry, retention);
      await publish(channel, formatEnvelope(position, inAll, event, generationOf(stream)));
      return position;
    },
    readLast: async (stream) => logs.get(stream)?.last,
    readFrom: async (stream, position, count) => logs.get(stream)?.readFrom(position, count) ?? [],
    readSeal: async (stream) => logs.get(stream)?.seal,
    async sweep(agingKey, allowance) {
      for (const [stream, log] of logs) if (kindOf(stream) === kindOf(agingKey)) log.sweep(allowance);
      return false;
    },
    read: async (wanted) => wanted.map(currentValue),
    findKeys: (pattern, onFound) =>
      onFound([...keys.keys()].filter((key) => key.startsWith(pattern.slice(0, -1)))),
    async expiresIn(key) {
      const { expiresAt } = keys.get(key) ?? {};
      return expiresAt === undefined || expiresAt === Number.POSITIVE_INFINITY
        ? undefined
        : Math.max(0, expiresAt - performance.now());
    },
    write: async (key, value, expiresInSeconds) => set(key, value, expiresInSeconds),
    agree: async (key, proposal) => agree(key, proposal),
    async keepDeadLetter(_stream, letter) {
      deadLetters.push({ letter, at: performance.now() });
      if (deadLetters.length > DEAD_LETTERS_KEPT) deadLetters.shift();
    },
    async forgetDeadLetters(_stream, seconds) {
      const oldest = performance.now() - seconds * 1000;
      const firstKept = deadLetters.findIndex(({ at }) => at >= oldest);
      deadLetters.splice(0, firstKept < 0 ? deadLetters.length : firstKept);
    },
    isReachable: async () => true,
    onReconnect: () => () => undefined,
    async close() {
      subscribers.clear();
      keys.clear();
    },
  };
}

/** What the keys of one kind begin with: `dms:{request}`. */
const kindOf = (key: string): string => /^[^{]*\{[^}]+\}/.exec(key)?.[0] ?? key;

/** The only patterns there are end in `*` (events/topic-names.ts). */
function matches(name: ChannelName, channel: string): boolean {
  return name.pattern === undefined
    ? name.channel === channel
    : channel.startsWith(name.pattern.slice(0, -1));
}
