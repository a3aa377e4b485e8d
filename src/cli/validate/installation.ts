import type { Retention } from '../../bus/bus.ts';
import { ConfigError } from '../../config/config.ts';
import { readLimits } from '../../config/limits.ts';
import { createReader, type Environment } from '../../config/reader.ts';
import { readRedisSettings } from '../../config/redis.ts';
import { ownVersion } from '../../own-files.ts';
import type { Known } from './bench.ts';

/** What the settings say of the installation. Where one is missing its default counts, as it does for the server. */
export interface Installation {
  readonly known: Known;
  readonly schemaFile: string | undefined;
  readonly topicPrefix: string;
  readonly kept: Retention;
  /** The settings that decided the run. No secret is among them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly version: string;
}

const HMAC = ['HS256', 'HS384', 'HS512'] as const;
/** Settings that are, or may contain, a secret. */
const SECRET = /^REDIS_|SECRET|PASSWORD|KEY|URL/;

export function readInstallation(environment: Environment): Installation {
  const faults: string[] = [];
  const read = createReader(environment, faults);
  const limits = readLimits(read);
  const { topicPrefix, retention, revocationCheckSeconds } = readRedisSettings(read, false);
  const known: Known = {
    limits,
    leewaySeconds: read.integer('TOKEN_LEEWAY_SECONDS', 5, 0, 300),
    revocationCheckSeconds,
    presence: read.flag('PRESENCE', false),
    tokenForm: {
      algorithm: HMAC.find((name) => read.list('JWT_ALGORITHMS', []).includes(name)) ?? 'HS256',
      issuer: read.text('JWT_ISSUER'),
      audience: read.text('JWT_AUDIENCE'),
      claims: {
        user: read.textOr('CLAIM_USER', 'user_id'),
        unit: read.textOr('CLAIM_UNIT', 'unit_id'),
        role: read.textOr('CLAIM_ROLE', 'role'),
      },
    },
  };
  const schemaFile = read.text('SCHEMA');
  if (faults.length > 0) throw new ConfigError(faults);
  const settings = Object.fromEntries(
    [...read.settings.keys()]
      .filter((name) => !SECRET.test(name))
      .toSorted()
      .map((name) => [name, environment[name] ?? null]),
  );
  return { known, schemaFile, topicPrefix, kept: retention, settings, version: ownVersion() };
}
