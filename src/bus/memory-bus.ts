import type { Bus, BusMessage, ChannelName } from './bus.ts';
import { digestOf, formatEnvelope } from './envelope.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { createMemoryNotes } from './memory-notes.ts';
import { createMemoryRevocations } from './memory-revocations.ts';

interface Subscriber {
  readonly name: ChannelName;
  readonly onMessage: (message: BusMessage) => void;
}

/** A bus within this process, with the semantics of the Redis one. For the demo and for tests of pure logic. */
export function createMemoryBus(): Bus {
  const subscribers = new Set<Subscriber>();
  const logs = new Map<string, MemoryLog>();
  const { current, agreeOn, clear, ...keys } = createMemoryKeys();

  function deliver(message: BusMessage): void {
    for (const subscriber of [...subscribers]) {
      if (matches(subscriber.name, message.channel)) subscriber.onMessage(message);
    }
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

  /** The generation of the logs, or of the revocations, that a key belongs to, as messages carry it. */
  const generationOf = (key: string): string =>
    digestOf(agreeOn(`${kindOf(key)}:generation`, crypto.randomUUID()));

  return {
    ...keys,
    ...createMemoryRevocations({ publish, generationOf }),
    notes: createMemoryNotes(),
    subscribe(name, onMessage) {
      const subscriber = { name, onMessage };
      subscribers.add(subscriber);
      return { ready: Promise.resolve(), close: () => subscribers.delete(subscriber) };
    },
    publish,
    async append({ channel, stream, idPrefix, allStream }, eventId, event, retention) {
      const log = logOf(stream);
      if (log.has(eventId) || current(idPrefix + eventId) !== null) return undefined;
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
    // No dead letter is kept: within this process nobody could read it.
    keepDeadLetter: async () => undefined,
    forgetDeadLetters: async () => undefined,
    isReachable: async () => true,
    onReconnect: () => () => undefined,
    async close() {
      subscribers.clear();
      clear();
    },
  };
}

interface MemoryKeys extends Pick<Bus, 'read' | 'findKeys' | 'expiresIn' | 'write' | 'agree'> {
  current(key: string): string | null;
  /** What {@link Bus.agree} does, at once. */
  agreeOn(key: string, proposal: string): string;
  clear(): void;
}

/** The keys that hold text, each until it expires. */
function createMemoryKeys(): MemoryKeys {
  const entries = new Map<string, { readonly value: string; readonly expiresAt: number }>();

  function current(key: string): string | null {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAt > performance.now()) return entry.value;
    entries.delete(key);
    return null;
  }

  function set(key: string, value: string, expiresInSeconds: number): void {
    entries.set(key, { value, expiresAt: performance.now() + expiresInSeconds * 1000 });
  }

  function agreeOn(key: string, proposal: string): string {
    const agreed = current(key) ?? proposal;
    set(key, agreed, Number.POSITIVE_INFINITY);
    return agreed;
  }

  return {
    current,
    agreeOn,
    clear: () => entries.clear(),
    read: async (wanted) => wanted.map(current),
    findKeys: (pattern, onFound) =>
      onFound([...entries.keys()].filter((key) => key.startsWith(pattern.slice(0, -1)))),
    async expiresIn(key) {
      const { expiresAt } = entries.get(key) ?? {};
      return expiresAt === undefined || expiresAt === Number.POSITIVE_INFINITY
        ? undefined
        : Math.max(0, expiresAt - performance.now());
    },
    write: async (key, value, expiresInSeconds) => set(key, value, expiresInSeconds),
    agree: async (key, proposal) => agreeOn(key, proposal),
  };
}

/** What the keys of one kind begin with: `dms:{request}`. */
const kindOf = (key: string): string => /^[^{]*\{[^}]+\}/.exec(key)?.[0] ?? key;

/** The only patterns there are end in `*`. */
function matches(name: ChannelName, channel: string): boolean {
  return name.pattern === undefined
    ? name.channel === channel
    : channel.startsWith(name.pattern.slice(0, -1));
}
