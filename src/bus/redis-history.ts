import type { LogPosition } from './position.ts';
import { formatPosition } from './position.ts';
import type { RedisConnection } from './redis-connection.ts';
import { type RawEntry, readRawEntry } from './redis-log.ts';

/** An entry of a log as an operator looks at it. Times are of Redis' clock, in milliseconds since 1970. */
export interface HistoryEntry {
  readonly position: LogPosition;
  readonly channel: string;
  readonly eventId: string;
  readonly appendedAt: number;
  /** When it is to be deleted, as its publisher has set; `undefined`: its publisher is of an earlier version. */
  readonly until: number | undefined;
  readonly event: Buffer;
}

/** A refused message, as it is kept. */
export interface KeptLetter {
  readonly refusedAt: number;
  readonly topic: string;
  readonly reason: string;
  readonly detail: string;
  /** Its beginning. */
  readonly payload: Buffer;
}

/** Reads logs and refused messages, for operators. */
export interface History {
  /** The entries of a log, the newest first. Those that are appended meanwhile are not among them. */
  newestFirst(stream: string): AsyncGenerator<HistoryEntry>;
  /** The oldest entry that there is. */
  oldest(stream: string): Promise<HistoryEntry | undefined>;
  /** The entries from one position to another. */
  between(stream: string, first: LogPosition, last: LogPosition): Promise<readonly HistoryEntry[]>;
  /** The newest first. */
  deadLetters(stream: string): AsyncGenerator<KeptLetter>;
  /** The time of Redis, in milliseconds since 1970. */
  now(): Promise<number>;
}

/** How many entries are read at a time: an entry may have 64 KiB. */
const PAGE = 200;

export function readHistory(redis: RedisConnection): History {
  async function* pages(stream: string): AsyncGenerator<RawEntry> {
    let end = '+';
    for (;;) {
      const page: RawEntry[] = await redis.xrevrangeBuffer(stream, end, '-', 'COUNT', PAGE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      end = `(${last[0].toString('latin1')}`;
    }
  }

  return {
    async *newestFirst(stream) {
      for await (const raw of pages(stream)) yield readHistoryEntry(raw);
    },
    async oldest(stream) {
      const [raw] = await redis.xrangeBuffer(stream, '-', '+', 'COUNT', 1);
      return raw && readHistoryEntry(raw);
    },
    async between(stream, first, last) {
      const found: RawEntry[] = await redis.xrangeBuffer(stream, formatPosition(first), formatPosition(last));
      return found.map(readHistoryEntry);
    },
    async *deadLetters(stream) {
      for await (const raw of pages(stream)) {
        const { position, field } = readRawEntry(raw);
        const text = (name: string): string => field(name).toString();
        const [topic, reason, detail] = [text('topic'), text('reason'), text('detail')];
        yield { refusedAt: Number(position.epoch), topic, reason, detail, payload: field('payload') };
      }
    },
    async now() {
      const [seconds = 0, micros = 0] = await redis.time();
      return Number(seconds) * 1000 + Number(micros) / 1000;
    },
  };
}

function readHistoryEntry(raw: RawEntry): HistoryEntry {
  const { position, field } = readRawEntry(raw);
  const until = field('until').toString();
  return {
    position,
    channel: field('channel').toString(),
    eventId: field('id').toString(),
    appendedAt: Number(field('at')),
    until: until === '' ? undefined : Number(until),
    event: field('event'),
  };
}
