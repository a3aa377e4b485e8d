import type { Bus, LogEntry } from './bus.ts';
import { formatPosition, parsePosition } from './position.ts';
import type { RedisConnection } from './redis-connection.ts';
import { loadScript } from './redis-script.ts';

type Logs = Pick<Bus, 'append' | 'readLast' | 'readFrom' | 'appendTime' | 'readSeal' | 'sweep'>;

const SEAL = /^[0-9a-f]{16}$/;
const MILLISECONDS = /^\d{1,15}$/;

/** How many entries one sweep deletes at most: Redis does nothing else meanwhile. */
const SWEPT_AT_ONCE = 500;

/** By how much the clocks of the machines of one Redis may differ: after a fail-over, or in a cluster. */
const CLOCK_SKEW_MS = 250;

/** Logs as Redis Streams. */
export function createRedisLog(redis: RedisConnection): Logs {
  const appendEvent = loadScript(redis, 'append-event.lua');
  const sweep = loadScript(redis, 'sweep.lua');

  /** Asks for the time as well, in the same write: entries carry the time of Redis, which `here` converts. */
  async function withClock<Read>(reading: Promise<Read>) {
    const [read, [seconds = 0, micros = 0]] = await Promise.all([reading, redis.time()]);
    const [now, redisTime] = [performance.now(), timeOf(seconds, micros)];
    return { read, here: (at: number): number => Math.min(now, now - redisTime + at + CLOCK_SKEW_MS) };
  }

  async function readDated(reading: Promise<RawEntry[]>): Promise<LogEntry[]> {
    const { read, here } = await withClock(reading);
    return read.map((entry) => readEntry(entry, here));
  }

  return {
    async append({ channel, stream, idPrefix, allStream }, eventId, event, { events, seconds }) {
      const keys = [stream, idPrefix + eventId, ...(allStream === undefined ? [] : [allStream])];
      const position = await appendEvent(keys, [channel, eventId, event, `${events}`, `${seconds}`]);
      return position === null ? undefined : parsePosition(String(position));
    },
    async readLast(stream) {
      const [last] = await readDated(redis.xrevrangeBuffer(stream, '+', '-', 'COUNT', 1));
      return last;
    },
    readFrom: (stream, position, count) =>
      readDated(redis.xrangeBuffer(stream, formatPosition(position), '+', 'COUNT', count)),
    async appendTime(stream, position) {
      const id = formatPosition(position);
      const [[entry], [seconds = 0, micros = 0]] = await Promise.all([
        redis.xrangeBuffer(stream, id, id),
        redis.time(),
      ]);
      return entry && { at: Number(readRawEntry(entry).field('at')), now: timeOf(seconds, micros) };
    },
    async readSeal(stream) {
      const { read, here } = await withClock(redis.get(`${stream}:seal`));
      const [written = '', seal = '', at = ''] = read?.split(' ') ?? [];
      const position = parsePosition(written);
      if (position === undefined || !SEAL.test(seal)) return undefined;
      // Servers of an earlier version, and publishers, leave the time out.
      return { ...position, seal, ...(MILLISECONDS.test(at) && { appendedBy: here(Number(at)) }) };
    },
    async sweep(agingKey, { seconds, keepsNewest }) {
      const isMore = await sweep([agingKey], [`${seconds}`, keepsNewest ? '1' : '0', `${SWEPT_AT_ONCE}`]);
      return isMore === 1;
    },
  };
}

/** An entry of a stream, as ioredis returns it. */
export type RawEntry = [id: Buffer, fields: Buffer[]];

/** What TIME answers, in milliseconds. */
function timeOf(seconds: number, micros: number): number {
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** @param appendedBy converts the time of Redis at which the entry was appended. */
function readEntry(raw: RawEntry, appendedBy: (at: number) => number): LogEntry {
  const { position, field } = readRawEntry(raw);
  return {
    position,
    channel: field('channel').toString(),
    event: field('event'),
    appendedBy: appendedBy(Number(field('at'))),
  };
}

/** Reads where an entry stands, and finds its fields by their names; one that it does not have is empty. */
export function readRawEntry([id, fields]: RawEntry) {
  const position = parsePosition(id.toString('latin1'));
  if (position === undefined)
    throw new Error('A log has an entry whose id is no position: it was not written by the script.');
  const field = (name: string): Buffer =>
    fields[fields.findIndex((key) => key.equals(Buffer.from(name))) + 1] ?? Buffer.alloc(0);
  return { position, field };
}
