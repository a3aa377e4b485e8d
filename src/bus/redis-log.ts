import type { Bus, LogEntry } from './bus.ts';
import { formatPosition, parsePosition } from './position.ts';
import type { RedisConnection } from './redis-connection.ts';
import { loadScript } from './redis-script.ts';

type Logs = Pick<Bus, 'append' | 'readLast' | 'readFrom' | 'readSeal' | 'sweep'>;

const SEAL = /^[0-9a-f]{16}$/;

/** How many entries one sweep deletes at most: Redis does nothing else meanwhile. */
const SWEPT_AT_ONCE = 500;

/** Logs as Redis Streams. */
export function createRedisLog(redis: RedisConnection): Logs {
  const appendEvent = loadScript(redis, 'append-event.lua');
  const sweep = loadScript(redis, 'sweep.lua');
  return {
    async append({ channel, stream, idPrefix, allStream }, eventId, event, { events, seconds }) {
      const keys = [stream, idPrefix + eventId, ...(allStream === undefined ? [] : [allStream])];
      const position = await appendEvent(keys, [channel, eventId, event, `${events}`, `${seconds}`]);
      return position === null ? undefined : parsePosition(String(position));
    },
    async readLast(stream) {
      const [last] = await redis.xrevrangeBuffer(stream, '+', '-', 'COUNT', 1);
      return last && readEntry(last);
    },
    async readFrom(stream, position, count) {
      const entries = await redis.xrangeBuffer(stream, formatPosition(position), '+', 'COUNT', count);
      return entries.map(readEntry);
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

function readEntry([id, fields]: [Buffer, Buffer[]]): LogEntry {
  const position = parsePosition(id.toString('latin1'));
  if (position === undefined)
    throw new Error('A log has an entry whose id is no position: it was not written by the script.');
  const field = (name: string): Buffer =>
    fields[fields.findIndex((key) => key.equals(Buffer.from(name))) + 1] ?? Buffer.alloc(0);
  return {
    position,
    channel: field('channel').toString(),
    event: field('event'),
  };
}
