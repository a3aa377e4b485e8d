import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatPosition, parsePosition } from '../topics/position.ts';
import type { Bus, LogEntry } from './bus.ts';
import type { RedisConnection } from './redis-connection.ts';

/** The script that every publisher shares; two levels above this file, built or not. */
const SCRIPT = readFileSync(new URL('../../contract/append-event.lua', import.meta.url), 'utf8');
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** Logs as Redis Streams. */
export function createRedisLog(redis: RedisConnection): Pick<Bus, 'append' | 'readLast' | 'readFrom'> {
  /** By its digest; Redis is told the script itself only when it does not know it (any more). */
  async function run(keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await redis.evalsha(SCRIPT_SHA, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(SCRIPT, keys.length, ...keys, ...args);
    }
  }

  return {
    async append({ channel, stream, idPrefix, allStream }, eventId, event, { events, seconds }) {
      const keys = [stream, idPrefix + eventId, ...(allStream === undefined ? [] : [allStream])];
      const position = await run(keys, [channel, eventId, event, `${events}`, `${seconds}`]);
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
