import type { Bus, LogEntry } from './bus.ts';
import { formatPosition, parsePosition } from './position.ts';
import type { RedisConnection } from './redis-connection.ts';
import { loadScript } from './redis-script.ts';

type Logs = Pick<Bus, 'append' | 'readLast' | 'readFrom' | 'appendTime' | 'readSeal' | 'sweep'>;

const SEAL = /^[0-9a-f]{16}$/;

/** How many entries one sweep deletes at most: Redis does nothing else meanwhile. */
const SWEPT_AT_ONCE = 500;

/** By how much the clocks of the machines of one Redis may differ: after a fail-over, or in a cluster. */
const CLOCK_SKEW_MS = 250;

/** Logs as Redis Streams. */
export function createRedisLog(redis: RedisConnection): Logs {
  const appendEvent = loadScript(redis, 'append-event.lua');
  const sweep = loadScript(redis, 'sweep.lua');

  /** Asks for the time as well, in the same write: entries carry the time of Redis. */
  async function readDated(reading: Promise<RawEntry[]>): Promise<LogEntry[]> {
    const [entries, [seconds = 0, micros = 0]] = await Promise.all([reading, redis.time()]);
    const [here, redisTime] = [performance.now(), timeOf(seconds, micros)];
    return entries.map((entry) =>
      readEntry(entry, (at) => Math.min(here, here - redisTime + at + CLOCK_SKEW_MS)),
    );
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
      const [written = '', seal = ''] = (await redis.get(`${stream}:seal`))?.split(' ') ?? [];
      const position = parsePosition(written);
      return position && SEAL.test(seal) ? { ...position, seal } : undefined;
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
