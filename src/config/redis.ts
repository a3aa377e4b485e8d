import type { Retention } from '../bus/bus.ts';
import { parseRedisUrl, type RedisAddress } from '../bus/redis-address.ts';
import { messageOf } from '../errors.ts';
import type { Reader } from './reader.ts';

/** Where Redis is, and what is kept of events there and in memory. */
export interface RedisSettings {
  /** `undefined`: a bus within this process. */
  readonly redis: RedisAddress | undefined;
  readonly topicPrefix: string;
  /**
   * How often the record of revocations is read again for all open sessions, in seconds. A session whose revocation message was
   * lost ends after that time at the latest.
   */
  readonly revocationCheckSeconds: number;
  /** How much each topic's log keeps, and for how long. */
  readonly retention: Retention;
  /** How many bytes of recent events are kept in memory, in all topics together. */
  readonly recentBytes: number;
  /** How many bytes of older events may be read again at a time for those who resume, in all topics together. */
  readonly replayBytes: number;
}

export const DEFAULT_PREFIX = 'dms';

/**
 * The fault of an address that names a database under the default prefix; `undefined`: there is none. An operator who chooses a
 * database wants to be apart from other installations, but only a prefix does that.
 */
export function sharedPrefixFault({ database }: RedisAddress, prefix: string): string | undefined {
  if (database === 0 || prefix !== DEFAULT_PREFIX) return undefined;
  return (
    `names database ${database}, and TOPIC_PREFIX is "${DEFAULT_PREFIX}": a database number does not keep installations apart, for ` +
    "Redis Pub/Sub ignores it, and each would receive the other's events and revocations. Set a TOPIC_PREFIX of its own " +
    '(here, and in whatever publishes), or leave the number out'
  );
}

/** @param isNeeded whether it is a fault to have no `REDIS_URL`. */
export function readRedisSettings(read: Reader, isNeeded: boolean): RedisSettings {
  const redis = readAddress(read, isNeeded);
  const topicPrefix = read.matching(
    'TOPIC_PREFIX',
    DEFAULT_PREFIX,
    /^[A-Za-z0-9_-]{1,32}$/,
    '1 to 32 letters, digits, "-" or "_"',
  );
  const fault = redis && sharedPrefixFault(redis, topicPrefix);
  if (fault !== undefined) read.fault(`REDIS_URL ${fault}.`);
  return {
    redis,
    topicPrefix,
    revocationCheckSeconds: read.integer('REVOCATION_CHECK_SECONDS', 30, 1, 3600),
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
  const account = { user: read.text('REDIS_SENTINEL_USER'), password: read.text('REDIS_SENTINEL_PASSWORD') };
  if (url === undefined) {
    if (isNeeded) read.fault('REDIS_URL is missing: say where Redis is, e.g. redis://localhost:6379.');
    return undefined;
  }
  try {
    return withSentinelAccount(read, parseRedisUrl(url), account);
  } catch (error) {
    read.fault(`REDIS_URL ${messageOf(error)}.`);
    return undefined;
  }
}

interface SentinelAccount {
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Sentinels have accounts of their own: the user and password in the URL are those of Redis. */
function withSentinelAccount(
  read: Reader,
  address: RedisAddress,
  { user, password }: SentinelAccount,
): RedisAddress {
  if (address.form !== 'sentinel') {
    if (user !== undefined || password !== undefined)
      read.fault(
        'REDIS_SENTINEL_USER and REDIS_SENTINEL_PASSWORD are for redis+sentinel:// in REDIS_URL only.',
      );
    return address;
  }
  if (user !== undefined && password === undefined)
    read.fault('REDIS_SENTINEL_USER needs REDIS_SENTINEL_PASSWORD as well.');
  return {
    ...address,
    ...(user !== undefined && { sentinelUsername: user }),
    ...(password !== undefined && { sentinelPassword: password }),
  };
}
