import type { Bus, BusMessage, LogEntry } from '../../src/bus/bus.ts';
import { digestOf, formatEnvelope } from '../../src/bus/envelope.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { LogPosition } from '../../src/bus/position.ts';
import { type SealedPosition, sealOf } from '../../src/bus/seal.ts';
import type { LiveEvent } from '../../src/events/kinds.ts';
import { createLogger } from '../../src/log.ts';
import type { TopicEvent } from '../../src/topics/log-tail.ts';
import { readMessage } from '../../src/topics/read-message.ts';
import { createTopicLog, type TopicLog } from '../../src/topics/topic-log.ts';
import { DOMAIN } from './domain.ts';
import { messages } from './events.ts';
import { UNIT } from './topics.ts';

const CHANNEL = 'dms:storage:unit:5';
const STREAM = 'stream';

/** A log that the test controls: its entries, the messages that are delivered, and when it answers. */
export interface ScriptedLog {
  readonly bus: Bus;
  /** Appends an event. Returns the message about it, which the test may deliver or drop. */
  append(id: string, event?: string): BusMessage;
  /** Deletes the oldest entries, but never the newest entry. */
  trim(count: number): void;
  /** Deletes the oldest entries for their age, also the newest entry, and keeps the seal of the last one. */
  sweep(count: number): void;
  /** Loses the newest entries, as in a fail-over. */
  loseTail(count: number): void;
  /** Removes the generation, and the bus refuses to write one. */
  refuseGeneration(): void;
  /** Starts again, as an empty log. */
  flush(): void;
  /** Deletes one entry from the middle. */
  damage(offset: number): void;
  /** Reads wait until the returned function is called. */
  holdReads(): () => void;
  /** The next `count` reads fail. */
  failReads(count: number, message?: string): void;
  /** The entries: `3 c` is the event `c` at offset 3. */
  readonly content: readonly string[];
  /** How often the log was read from a position. */
  readonly reads: number;
  /** How often its end was read. */
  readonly looks: number;
  /** The largest number of entries that a read asked for. */
  readonly longestRead: number;
}

export const eventOf = (id: string): string => JSON.stringify(messages.storage({}, { id }));
/** A message that another installation publishes on the same channel, through another Redis. */
export const foreign = (id: string, offset: number): BusMessage => ({
  channel: CHANNEL,
  payload: Buffer.from(
    formatEnvelope({ epoch: '1000', offset }, undefined, eventOf(id), digestOf('of another Redis')),
  ),
});
export const bare = (id: string): BusMessage => ({ channel: CHANNEL, payload: Buffer.from(eventOf(id)) });

export function createScriptedLog(): ScriptedLog {
  let entries: LogEntry[] = [];
  let last: LogPosition = { epoch: '1000', offset: 0 };
  let generation: string | undefined = 'first';
  let seal: SealedPosition | undefined;
  let open: Promise<void> = Promise.resolve();
  let failures: string[] = [];
  let reads = 0;
  let longestRead = 0;
  let looks = 0;

  async function answer<Result>(result: () => Result): Promise<Result> {
    await open;
    const failure = failures.shift();
    if (failure !== undefined) throw new Error(failure);
    return result();
  }

  return {
    bus: {
      ...createMemoryBus(),
      agree: () => answer(() => generation),
      read: () => answer(() => [generation ?? null]),
      readSeal: () => answer(() => seal),
      readLast() {
        looks += 1;
        return answer(() => entries.at(-1));
      },
      readFrom(_stream, { epoch, offset }, count) {
        reads += 1;
        longestRead = Math.max(longestRead, count);
        const isAfter = ({ position }: LogEntry): boolean =>
          position.epoch === epoch ? position.offset >= offset : Number(position.epoch) > Number(epoch);
        return answer(() => entries.filter(isAfter).slice(0, count));
      },
    },
    append(id, event = eventOf(id)) {
      last = { ...last, offset: last.offset + 1 };
      entries.push({
        position: last,
        channel: CHANNEL,
        event: Buffer.from(event),
        appendedBy: performance.now(),
      });
      return {
        channel: CHANNEL,
        payload: Buffer.from(formatEnvelope(last, undefined, event, digestOf(generation ?? ''))),
      };
    },
    trim(count) {
      entries = [...entries.slice(count, -1), ...entries.slice(-1)];
    },
    sweep(count) {
      const swept = entries.splice(0, count).at(-1);
      if (swept !== undefined)
        seal = { ...swept.position, seal: sealOf(STREAM, swept.position, swept.event) };
    },
    loseTail(count) {
      entries = entries.slice(0, -count);
      last = entries.at(-1)?.position ?? { ...last, offset: seal?.offset ?? 0 };
    },
    refuseGeneration() {
      generation = undefined;
    },
    flush() {
      entries = [];
      seal = undefined;
      last = { epoch: String(Number(last.epoch) + 1), offset: 0 };
      generation = `${generation} and next`;
    },
    damage(offset) {
      entries = entries.filter(({ position }) => position.offset !== offset);
    },
    holdReads() {
      let release = (): void => undefined;
      open = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    failReads(count, message = 'Connection is closed.') {
      failures = Array<string>(count).fill(message);
    },
    get content() {
      return entries.map(({ position, event }) => `${position.offset} ${JSON.parse(String(event)).id}`);
    },
    get reads() {
      return reads;
    },
    get looks() {
      return looks;
    },
    get longestRead() {
      return longestRead;
    },
  };
}

export interface LogListener {
  readonly log: TopicLog;
  /** `3 c` is the event `c` at offset 3. `3 -` is an entry that was no event. `0 x` is an event without a position. */
  readonly delivered: readonly string[];
  /** The codes of the losses that were reported. */
  readonly lost: readonly string[];
  receive(...messages: BusMessage[]): void;
}

export const readStorage = (_channel: string, event: Buffer): LiveEvent | undefined =>
  readMessage(DOMAIN.kinds, UNIT, event).event;

/** A topic log that reads the scripted log. */
export function listenTo(
  { bus }: ScriptedLog,
  onDelivered: (event: TopicEvent) => void = () => undefined,
): LogListener {
  const delivered: string[] = [];
  const events: TopicEvent[] = [];
  const lost: string[] = [];
  const idOf = (event: LiveEvent | undefined): string => event?.data.id ?? '-';
  const log = createTopicLog({
    bus,
    stream: STREAM,
    positionIn: ({ inTopic }) => inTopic,
    generationKey: 'generation',
    age: { emptySince: () => performance.now() },
    read: readStorage,
    reread: readStorage,
    deliver(event: TopicEvent) {
      events.push(event);
      delivered.push(`${event.offset} ${idOf(event.event)}`);
      onDelivered(event);
    },
    deliveredAt: (offset) => events.findLast((event) => event.offset === offset),
    onLost: ({ code }) => lost.push(code),
    log: createLogger('silent'),
  });
  return {
    log,
    delivered,
    lost,
    receive(...messages) {
      for (const message of messages) log.receive(message);
    },
  };
}

/** The same topic log, started. */
export async function listenFromNow(script: ScriptedLog): Promise<LogListener> {
  const listener = listenTo(script);
  await listener.log.start(() => undefined);
  return listener;
}
