import type { Retention } from '../bus/bus.ts';
import { parseRedisUrl, type RedisAddress } from '../bus/redis-connection.ts';
import { messageOf } from '../errors.ts';
import type { Reader } from './reader.ts';

/** Where Redis is, and what is kept of events there and in memory. */
export interface RedisSettings {
  /** `undefined`: a bus within this process. */
  readonly redis: RedisAddress | undefined;
  readonly topicPrefix: string;
  /** How much each topic's log keeps, and for how long. */
  readonly retention: Retention;
  /** How many bytes of recent events are kept in memory, in all topics together. */
  readonly recentBytes: number;
  /** How many bytes of older events may be read again at a time for those who resume, in all topics together. */
  readonly replayBytes: number;
}

/** @param isNeeded whether it is a fault to have no `REDIS_URL`. */
export function readRedisSettings(read: Reader, isNeeded: boolean): RedisSettings {
  return {
    redis: readAddress(read, isNeeded),
    topicPrefix: read.matching(
      'TOPIC_PREFIX',
      'dms',
      /^[A-Za-z0-9_-]{1,32}$/,
      '1 to 32 letters, digits, "-" or "_"',
    ),
    retention: {
      events: read.integer('HISTORY_EVENTS', 10_000, 1, 1_000_000),
      seconds: read.integer('HISTORY_SECONDS', 86_400, 1, 31_536_000),
    },
    recentBytes: read.integer('RECENT_BYTES', 67_108_864, 0, 17_179_869_184),
    replayBytes: read.integer('MAX_REPLAY_BYTES', 67_108_864, 65_536, 17_179_869_184),
  };
}

function readAddress(read: Reader, isNeeded: boolean): RedisAddress | undefined {
  const url = read.text('REDIS_URL');
  if (url === undefined) {
    if (isNeeded) read.fault('REDIS_URL is missing: say where Redis is, e.g. redis://localhost:6379.');
    return undefined;
  }
  try {
    return parseRedisUrl(url);
  } catch (error) {
    read.fault(`REDIS_URL ${messageOf(error)}.`);
    return undefined;
  }
}
