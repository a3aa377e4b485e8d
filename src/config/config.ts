import type { RoleClasses } from '../auth/access.ts';
import type { ProfileSettings } from '../auth/profile.ts';
import type { TokenSettings } from '../auth/verify-token.ts';
import type { LogLevel } from '../log.ts';
import { type DocumentSettings, readDocumentSettings } from './documents.ts';
import { type HttpSettings, readHttpSettings } from './http.ts';
import { type Limits, readLimits } from './limits.ts';
import { warnOfMisspelt } from './misspelt.ts';
import { readProfileSettings } from './profile.ts';
import { createReader, type Environment, type Reader } from './reader.ts';
import { type RedisSettings, readRedisSettings } from './redis.ts';
import { readSecurityLogSettings, type SecurityLogSettings } from './security-log.ts';
import { readTokenSettings } from './token.ts';
import { findUnsafeSettings, type UnsafeSetting } from './unsafe.ts';
import { readWorkers } from './workers.ts';

/** Everything that can be set, checked. docs/settings.md says what each setting is for. */
export interface Config extends HttpSettings, RedisSettings {
  /** How many processes share the port; `undefined`: one, without a supervisor. Only the command `serve` starts several. */
  readonly workers: number | undefined;
  /** What the server serves; `undefined`: the DMS's events. */
  readonly schemaFile: string | undefined;
  readonly token: TokenSettings;
  /** `undefined`: a token's claims say its bearer's unit and role. */
  readonly profile: ProfileSettings | undefined;
  readonly roleClasses: RoleClasses;
  readonly limits: Limits;
  readonly documents: DocumentSettings;
  /** The shortest time between two snapshots of a `newestOnly` kind to one client, in milliseconds. */
  readonly kpiIntervalMs: number;
  /** Whether users see who else looks at an object. */
  readonly presence: boolean;
  readonly logLevel: LogLevel;
  readonly securityLog: SecurityLogSettings;
  /** Settings that weaken the safety, for the security log. */
  readonly unsafe: readonly UnsafeSetting[];
  /** Whether spans of OpenTelemetry are made. */
  readonly tracing: boolean;
  /** What is probably not meant, for the log. */
  readonly warnings: readonly string[];
}

/** All that is wrong with the settings, at once, and how to mend it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];
  /** What is probably not meant besides, and may explain a fault. */
  readonly warnings: readonly string[];

  constructor(faults: readonly string[], warnings: readonly string[] = []) {
    const lines = [...faults, ...warnings].map((fault) => `  - ${fault}`);
    super(['The settings need mending:', ...lines].join('\n'));
    this.faults = faults;
    this.warnings = warnings;
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
  const config = readAll(read, needsRedis);
  const warnings = warnOfMisspelt(environment, read.settings.keys());
  if (faults.length > 0) throw new ConfigError(faults, warnings);
  return { ...config, unsafe: findUnsafeSettings(config), warnings };
}

export function readRoleClasses(read: Reader): RoleClasses {
  return {
    ADMIN: read.list('ADMIN_ROLES', ['System Admin']),
    AUDITOR: read.list('AUDIT_ROLES', ['System Admin']),
  };
}

/** Reads every setting there is. Each is asked for, also where another one makes it pointless, so that its name is known. */
export function readAll(read: Reader, needsRedis: boolean): Omit<Config, 'warnings' | 'unsafe'> {
  return {
    ...readHttpSettings(read),
    ...readRedisSettings(read, needsRedis),
    workers: readWorkers(read),
    schemaFile: read.text('SCHEMA'),
    token: readTokenSettings(read),
    profile: readProfileSettings(read),
    roleClasses: readRoleClasses(read),
    limits: readLimits(read),
    documents: readDocumentSettings(read),
    kpiIntervalMs: read.integer('KPI_INTERVAL_MS', 500, 0, 3_600_000),
    presence: read.flag('PRESENCE', false),
    tracing: read.flag('TRACING', false),
    logLevel: read.choice('LOG_LEVEL', 'info', [
      'fatal',
      'error',
      'warn',
      'info',
      'debug',
      'trace',
      'silent',
    ]),
    securityLog: readSecurityLogSettings(read),
  };
}
