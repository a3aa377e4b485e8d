import type { RoleClasses } from './auth/access.ts';
import type { ProfileSettings } from './auth/profile.ts';
import type { TokenSettings } from './auth/verify-token.ts';
import type { Retention } from './bus/bus.ts';
import { parseRedisUrl, type RedisAddress } from './bus/redis-connection.ts';
import { readProfileSettings } from './config-profile.ts';
import { createReader, type Environment, type Reader } from './config-reader.ts';
import { readTokenSettings } from './config-token.ts';
import { messageOf } from './errors.ts';
import type { DocumentLimits } from './graphql/document-limits.ts';
import type { LogLevel } from './log.ts';

/** Everything that can be set, checked. The README's table says what each setting is for. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** `undefined`: a bus within this process. */
  readonly redis: RedisAddress | undefined;
  readonly topicPrefix: string;
  readonly token: TokenSettings;
  /** `undefined`: a token's claims say its bearer's unit and role. */
  readonly profile: ProfileSettings | undefined;
  readonly roleClasses: RoleClasses;
  /** Origins of pages that may use this server besides its own; `*` is any. */
  readonly corsOrigins: readonly string[];
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly limits: DocumentLimits & {
    /** The largest message or request body that a client may send, in bytes. */
    readonly maxMessageBytes: number;
    /** How many events may wait to be executed for one audience. */
    readonly maxWaitingEvents: number;
    /** How much may wait for a client that reads slowly, in bytes. */
    readonly maxOutboxBytes: number;
    readonly maxSubscriptionsPerConnection: number;
    /** In this process; 0: no limit. */
    readonly maxConnectionsPerUser: number;
    /** In this process; 0: no limit. */
    readonly maxSubscriptionsPerUser: number;
  };
  /** How much each topic's log keeps, and for how long. */
  readonly retention: Retention;
  /** How many bytes of recent events are kept in memory, in all topics together. */
  readonly recentBytes: number;
  /** How many bytes of older events may be read again at a time for those who resume, in all topics together. */
  readonly replayBytes: number;
  /** The shortest time between two KPI snapshots to one client, in milliseconds. */
  readonly kpiIntervalMs: number;
  readonly logLevel: LogLevel;
  /** How long a stop may take, in seconds. */
  readonly shutdownSeconds: number;
}

/** All that is wrong with the settings, at once, and how to mend it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(faults: readonly string[]) {
    super(['The settings need mending:', ...faults.map((fault) => `  - ${fault}`)].join('\n'));
  }
}

/**
 * Reads the settings from the environment.
 * @param needsRedis whether it is a fault to have no `REDIS_URL`.
 * @throws {ConfigError} with every fault found.
 */
export function readConfig(environment: Environment, { needsRedis }: { needsRedis: boolean }): Config {
  const faults: string[] = [];
  const read = createReader(environment, faults);
  const config: Config = {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 4000, 0, 65_535),
    redis: readRedis(read, needsRedis),
    topicPrefix: read.matching(
      'TOPIC_PREFIX',
      'dms',
      /^[A-Za-z0-9_-]{1,32}$/,
      '1 to 32 letters, digits, "-" or "_"',
    ),
    token: readTokenSettings(read),
    profile: readProfileSettings(read),
    roleClasses: {
      ADMIN: read.list('ADMIN_ROLES', ['System Admin']),
      AUDITOR: read.list('AUDIT_ROLES', ['System Admin']),
    },
    corsOrigins: read.list('CORS_ORIGINS', []).map((origin) => readOrigin(origin, faults)),
    graphiql: read.flag('GRAPHIQL', true),
    introspection: read.flag('INTROSPECTION', true),
    limits: {
      maxMessageBytes: read.integer('MAX_MESSAGE_BYTES', 65_536, 1024, 16_777_216),
      maxTokens: read.integer('MAX_DOCUMENT_TOKENS', 2000, 100, 100_000),
      maxDepth: read.integer('MAX_DOCUMENT_DEPTH', 10, 1, 100),
      maxFields: read.integer('MAX_DOCUMENT_FIELDS', 1000, 10, 100_000),
      maxWaitingEvents: read.integer('MAX_WAITING_EVENTS', 10_000, 1, 1_000_000),
      maxOutboxBytes: read.integer('MAX_OUTBOX_BYTES', 1_048_576, 65_536, 1_073_741_824),
      maxSubscriptionsPerConnection: read.integer('MAX_SUBSCRIPTIONS_PER_CONNECTION', 100, 1, 10_000),
      maxConnectionsPerUser: read.integer('MAX_CONNECTIONS_PER_USER', 0, 0, 1_000_000),
      maxSubscriptionsPerUser: read.integer('MAX_SUBSCRIPTIONS_PER_USER', 0, 0, 1_000_000),
    },
    retention: {
      events: read.integer('HISTORY_EVENTS', 10_000, 1, 1_000_000),
      seconds: read.integer('HISTORY_SECONDS', 86_400, 1, 31_536_000),
    },
    recentBytes: read.integer('RECENT_BYTES', 67_108_864, 0, 17_179_869_184),
    replayBytes: read.integer('MAX_REPLAY_BYTES', 67_108_864, 65_536, 17_179_869_184),
    kpiIntervalMs: read.integer('KPI_INTERVAL_MS', 500, 0, 3_600_000),
    logLevel: read.choice('LOG_LEVEL', 'info', [
      'fatal',
      'error',
      'warn',
      'info',
      'debug',
      'trace',
      'silent',
    ]),
    shutdownSeconds: read.integer('SHUTDOWN_SECONDS', 10, 0, 3600),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function readRedis(read: Reader, isNeeded: boolean): RedisAddress | undefined {
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

function readOrigin(written: string, faults: string[]): string {
  if (written === '*') return written;
  const origin = URL.canParse(written) ? new URL(written).origin : 'null';
  if (origin === 'null' || origin.includes('*') || origin !== written.replace(/\/$/, '')) {
    faults.push('CORS_ORIGINS must list origins such as https://dms.example.org, without path or wildcard.');
  }
  return origin;
}
