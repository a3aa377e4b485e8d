import { randomBytes } from 'node:crypto';
import { type Config, ConfigError, type Environment, readConfig } from 'dms-live';
import { z } from 'zod';
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

function wholeNumber(least: number, most: number) {
  const rule = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .trim()
    .regex(/^\d+$/, rule)
    .transform(Number)
    .pipe(z.number().min(least, rule).max(most, rule));
}

/** The demo's own settings. */
const ownSettings = z.object({
  DEMO_TOKEN_SECONDS: wholeNumber(1, DAY_S).default(QUARTER_HOUR_S),
  DEMO_PACE: z
    .string()
    .trim()
    .pipe(z.enum(PACE_NAMES, `must be one of ${PACE_NAMES.join(', ')}`))
    .optional(),
  DEMO_SEED: wholeNumber(0, 2 ** 31).default(() => Date.now() % 2 ** 31),
});

/**
 * None of the settings is needed: a random `JWT_SECRET` (a weak one is taken), GraphiQL and introspection are on, only
 * warnings are logged, people see who else is there, and there is no security log. The demo's own are
 * `DEMO_TOKEN_SECONDS` (900), `DEMO_PACE` (busy, calm, paused) and `DEMO_SEED`.
 * @throws {ConfigError} as {@link readConfig} does, and for settings that the demo cannot have.
 */
export function readDemoConfig(environment: Environment): DemoConfig {
  const written = withoutBlanks(environment);
  const faults = Object.entries(UNUSABLE).filter(([setting]) => setting in written);
  if (faults.length > 0)
    throw new ConfigError(faults.map(([setting, why]) => `${setting} cannot be used by the demo, ${why}.`));
  const { data: own, error } = ownSettings.safeParse(written);
  if (error !== undefined) {
    throw new ConfigError(error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`));
  }
  const defaults = {
    JWT_SECRET: randomBytes(32).toString('base64url'),
    ALLOW_WEAK_SECRET: 'true', // nothing is at stake in a demo
    LOG_LEVEL: 'warn',
    SECURITY_LOG: 'off',
    GRAPHIQL: 'true',
    INTROSPECTION: 'true',
    PRESENCE: 'true',
  };
  const config = readConfig({ ...defaults, ...written }, { needsRedis: false });
  return {
    ...config,
    proxies: { ...config.proxies, isLoopbackExpected: true },
    demo: { accessTokenSeconds: own.DEMO_TOKEN_SECONDS, pace: own.DEMO_PACE, seed: own.DEMO_SEED },
  };
}

const SIGNS = 'which signs its own tokens: unset it, or set JWT_SECRET instead';
/** Settings of the server that the demo cannot have. */
const UNUSABLE = {
  JWT_PUBLIC_KEY: SIGNS,
  JWT_JWKS_URL: SIGNS,
  SCHEMA: 'whose people work in the DMS: unset it',
  WORKERS: 'which is one process: unset it',
};

/** A setting that is empty is not set. */
function withoutBlanks(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}
