import { createPublicKey, type KeyObject } from 'node:crypto';
import type { RoleClasses } from './auth/access.ts';
import type { KeySource, TokenSettings } from './auth/verify-token.ts';
import type { Retention } from './bus/bus.ts';
import { parseRedisUrl, type RedisAddress } from './bus/redis-connection.ts';
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

type Environment = Readonly<Record<string, string | undefined>>;

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

type Reader = ReturnType<typeof createReader>;

function createReader(environment: Environment, faults: string[]) {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    text,
    fault: (message: string): void => void faults.push(message),
    integer(name: string, standard: number, least: number, most: number): number {
      const written = text(name);
      if (written === undefined) return standard;
      const value = /^\d+$/.test(written) ? Number(written) : Number.NaN;
      if (value >= least && value <= most) return value;
      faults.push(`${name} must be a whole number from ${least} to ${most}.`);
      return standard;
    },
    flag(name: string, standard: boolean): boolean {
      const written = text(name)?.toLowerCase();
      if (written === undefined) return standard;
      if (['true', '1', 'on', 'yes'].includes(written)) return true;
      if (!['false', '0', 'off', 'no'].includes(written)) faults.push(`${name} must be true or false.`);
      return false;
    },
    /** Comma-separated. */
    list(name: string, standard: readonly string[]): readonly string[] {
      const items = text(name)?.split(',');
      return items?.map((item) => item.trim()).filter((item) => item !== '') ?? standard;
    },
    matching(name: string, standard: string, pattern: RegExp, rule: string): string {
      const written = text(name) ?? standard;
      if (!pattern.test(written)) faults.push(`${name} must be ${rule}.`);
      return written;
    },
    choice<Choice extends string>(name: string, standard: Choice, choices: readonly Choice[]): Choice {
      const written = text(name);
      const choice = written === undefined ? standard : choices.find((known) => known === written);
      if (choice === undefined) faults.push(`${name} must be one of ${choices.join(', ')}.`);
      return choice ?? standard;
    },
  };
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

function readTokenSettings(read: Reader): TokenSettings {
  const source = readKeySource(read);
  const issuer = read.text('JWT_ISSUER');
  const audience = read.text('JWT_AUDIENCE');
  return {
    key: source.key,
    algorithms: readAlgorithms(read, source),
    claims: {
      user: read.text('CLAIM_USER') ?? 'user_id',
      unit: read.text('CLAIM_UNIT') ?? 'unit_id',
      role: read.text('CLAIM_ROLE') ?? 'role',
    },
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
}

/** A key, and the algorithms that fit it; the first ones are the default. */
interface FittingKey {
  readonly key: KeySource;
  readonly algorithms: readonly string[];
  readonly defaults: readonly string[];
}

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const EC = ['ES256', 'ES384', 'ES512'];
const EDWARDS = ['EdDSA', 'Ed25519'];

const UNUSABLE: FittingKey = { key: { form: 'secret', secret: '' }, algorithms: [], defaults: [] };

function readKeySource(read: Reader): FittingKey {
  const secret = read.text('JWT_SECRET');
  const pem = read.text('JWT_PUBLIC_KEY');
  const url = read.text('JWT_JWKS_URL');
  if ([secret, pem, url].filter((setting) => setting !== undefined).length !== 1) {
    read.fault(
      'Set exactly one of JWT_SECRET (as Django’s SIMPLE_JWT signs by default), JWT_PUBLIC_KEY (PEM) and JWT_JWKS_URL.',
    );
    return UNUSABLE;
  }
  if (secret !== undefined) return { key: { form: 'secret', secret }, algorithms: HMAC, defaults: ['HS256'] };
  if (pem !== undefined) return readPublicKey(read, pem);
  if (url === undefined || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    read.fault('JWT_JWKS_URL must be an http(s) URL.');
    return UNUSABLE;
  }
  const algorithms = [...RSA, ...EC, ...EDWARDS];
  return { key: { form: 'jwks', url: new URL(url) }, algorithms, defaults: algorithms };
}

function readPublicKey(read: Reader, written: string): FittingKey {
  const pem = written.replaceAll('\\n', '\n');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    read.fault('JWT_PUBLIC_KEY must be a public key in PEM, with line breaks or \\n in their place.');
    return UNUSABLE;
  }
  const fitting: Record<string, readonly string[]> = {
    rsa: RSA,
    prime256v1: ['ES256'],
    secp384r1: ['ES384'],
    secp521r1: ['ES512'],
    ed25519: EDWARDS,
  };
  const algorithms = fitting[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''] ?? [];
  if (algorithms.length === 0)
    read.fault('JWT_PUBLIC_KEY must be an RSA, EC (P-256, P-384, P-521) or Ed25519 key.');
  return {
    key: { form: 'publicKey', pem },
    algorithms,
    defaults: algorithms.includes('RS256') ? ['RS256'] : algorithms,
  };
}

function readAlgorithms(read: Reader, { algorithms, defaults }: FittingKey): readonly string[] {
  const chosen = read.list('JWT_ALGORITHMS', defaults);
  const unfit = chosen.filter((algorithm) => !algorithms.includes(algorithm));
  if (algorithms.length > 0 && (unfit.length > 0 || chosen.length === 0)) {
    read.fault(`JWT_ALGORITHMS must be of those that fit the key: ${algorithms.join(', ')}.`);
  }
  return chosen;
}
