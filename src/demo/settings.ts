import { randomBytes } from 'node:crypto';
import { type Config, ConfigError, readConfig } from '../config/config.ts';
import { createReader, type Environment } from '../config/reader.ts';
import { PACE_NAMES, type Pace } from './pace.ts';

/** The settings of the server, and what can be set of the demo. */
export interface DemoConfig extends Config {
  readonly demo: {
    /** How long an access token of the app is good, in seconds. */
    readonly accessTokenSeconds: number;
    /** How busy the simulated colleagues are. `undefined`: busy until somebody signs in to the app, then calm. */
    readonly pace: Pace | undefined;
    /** Decides what was done before the demo began. */
    readonly seed: number;
  };
}

const QUARTER_HOUR_S = 900;
const DAY_S = 86_400;

/**
 * None of the settings is needed: a random `JWT_SECRET` (a weak one is taken), GraphiQL and introspection are on, and only
 * warnings are logged. The demo's own are
 * `DEMO_TOKEN_SECONDS` (900), `DEMO_PACE` (busy, calm, paused) and `DEMO_SEED`.
 * @throws {ConfigError} as {@link readConfig} does, and when the tokens are to be checked by a key that cannot sign them.
 */
export function readDemoConfig(environment: Environment): DemoConfig {
  for (const setting of ['JWT_PUBLIC_KEY', 'JWT_JWKS_URL']) {
    if (!environment[setting]?.trim()) continue;
    const mend = 'unset it, or set JWT_SECRET instead';
    throw new ConfigError([`${setting} cannot be used by the demo, which signs its own tokens: ${mend}.`]);
  }
  const faults: string[] = [];
  const read = createReader(environment, faults);
  const demo = {
    accessTokenSeconds: read.integer('DEMO_TOKEN_SECONDS', QUARTER_HOUR_S, 1, DAY_S),
    pace: read.text('DEMO_PACE') === undefined ? undefined : read.choice('DEMO_PACE', 'busy', PACE_NAMES),
    seed: read.integer('DEMO_SEED', Date.now() % 2 ** 31, 0, 2 ** 31),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  const settings = {
    ...environment,
    JWT_SECRET: read.text('JWT_SECRET') ?? randomBytes(32).toString('base64url'),
    ALLOW_WEAK_SECRET: read.text('ALLOW_WEAK_SECRET') ?? 'true', // of a demo nothing is at stake
    LOG_LEVEL: read.text('LOG_LEVEL') ?? 'warn',
    GRAPHIQL: read.text('GRAPHIQL') ?? 'true',
    INTROSPECTION: read.text('INTROSPECTION') ?? 'true',
  };
  const config = readConfig(settings, { needsRedis: false });
  return { ...config, proxies: { ...config.proxies, isLoopbackExpected: true }, demo };
}
