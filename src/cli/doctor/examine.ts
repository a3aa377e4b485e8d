import { fetchIssuerKeys } from '../../auth/issuer-keys.ts';
import type { RedisAddress } from '../../bus/redis-address.ts';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/reader.ts';
import { readDomain } from '../../events/domain.ts';
import { SchemaError } from '../../events/schema-error.ts';
import { ManifestError } from '../../graphql/manifest-error.ts';
import { checkToken } from '../check-token.ts';
import { type Finding, fault, note, ok, warning } from '../finding.ts';
import { describeRedisFault, type Lookout, LookoutFault, openLookout } from '../lookout.ts';
import { type ReadSettings, readSettings, type SettingsError } from '../read-settings.ts';
import { askServers } from '../why/ask-servers.ts';
import { examineProxy } from './proxy.ts';
import { examinePublishers, examineServers } from './publishers.ts';
import { examineRedis, examineRoundTrip, isOtherForm, notExamined, unreachable } from './redis-health.ts';
import { examineRights } from './rights.ts';

export interface Examination {
  readonly environment: Environment;
  /** Where clients reach the API; `undefined`: that is not examined. */
  readonly url: URL | undefined;
  readonly token: string | undefined;
  readonly idleMs: number;
}

export interface Group {
  readonly heading: string;
  readonly findings: readonly Finding[];
}

/** Looks at everything that is around a server, in the order in which faults explain each other. */
export async function* examine(examination: Examination): AsyncGenerator<Group> {
  const { environment, url, token, idleMs } = examination;
  const settings = readSettings(environment);
  yield { heading: 'Settings', findings: describeSettings(settings) };
  const { config } = settings;
  if (config?.redis === undefined) return;
  const { redis: address } = config;
  const reached = await reach(config);
  const lookout = reached instanceof LookoutFault ? undefined : reached;
  try {
    const redis = await examineReached(reached, address);
    yield { heading: 'Redis', findings: redis.findings };
    const usable = redis.isUsable ? lookout : undefined;
    if (usable !== undefined)
      yield { heading: 'Rights in Redis', findings: await orFault(examineRights(usable)) };
    const tokens = await examineTokens(config, token, usable);
    yield { heading: 'Tokens', findings: tokens.findings };
    if (usable === undefined) {
      yield { heading: 'Servers and Django', findings: [notExamined('servers, Django')] };
    } else {
      yield { heading: 'Servers', findings: await orFault(examineServers(usable, config)) };
      yield { heading: 'Django', findings: await orFault(examinePublishers(usable, config)) };
    }
    if (url === undefined) return;
    const addressSeen = addressOf(usable, tokens.userId);
    const domain = readDomain(config.schemaFile);
    const proxy = await examineProxy({ url, config, domain, token, idleMs, addressSeen });
    yield { heading: `The way to ${url.origin}`, findings: proxy };
  } finally {
    lookout?.close();
  }
}

/** @returns whether it is the Redis that the settings mean, so that more can be asked of it. */
async function examineReached(
  lookout: Lookout | LookoutFault,
  address: RedisAddress,
): Promise<{ readonly findings: readonly Finding[]; readonly isUsable: boolean }> {
  if (lookout instanceof LookoutFault) return { findings: [unreachable(lookout.message)], isUsable: false };
  const health = await orFault(examineRedis(lookout, address));
  if (isOtherForm(health)) return { findings: health, isUsable: false };
  return { findings: [...health, await examineRoundTrip(lookout)], isUsable: true };
}

/** A right that is missing does not hide what else can be seen. */
async function orFault(examined: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await examined;
  } catch (error) {
    const says = describeRedisFault(error);
    if (says === undefined) throw error;
    return [fault('not examined', says)];
  }
}

function describeSettings({ config, errors, warnings }: ReadSettings): readonly Finding[] {
  const good = config && ok('settings', 'complete, and the schema has no fault');
  const faults = errors.flatMap((error) => error.faults.map((says) => fault(subjectOf(error), says)));
  return [...(good ? [good] : faults), ...warnings.map((says) => warning('settings', says))];
}

function subjectOf(error: SettingsError): string {
  if (error instanceof SchemaError) return 'schema';
  return error instanceof ManifestError ? 'documents' : 'settings';
}

async function reach({ redis, ...config }: Config): Promise<Lookout | LookoutFault> {
  if (redis === undefined) return new LookoutFault('REDIS_URL is missing');
  try {
    return await openLookout({ ...config, redis });
  } catch (error) {
    if (error instanceof LookoutFault) return error;
    throw error;
  }
}

async function examineTokens(
  config: Config,
  token: string | undefined,
  lookout: Lookout | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly userId: string | undefined }> {
  const keys = await examineKeys(config);
  if (token === undefined) {
    const untried = note(
      'token',
      'not tried',
      'give --token-file, to see whether Django’s key is the one set here',
    );
    return { findings: [...keys, untried], userId: undefined };
  }
  const { findings, identity } = await checkToken(config, token, lookout);
  return { findings: [...keys, ...findings], userId: identity?.viewer.id };
}

/** Whether the keys of the issuer can be had, and are of use. */
async function examineKeys({ token: { key, algorithms } }: Config): Promise<readonly Finding[]> {
  const accepted = algorithms.join(', ');
  if (key.form !== 'jwks')
    return [ok('key', `${key.form === 'secret' ? 'a shared secret' : 'a public key'}; accepts ${accepted}`)];
  let reason: string | undefined;
  const keys = fetchIssuerKeys({
    ...key,
    health: {
      report(_name, trouble) {
        reason = trouble?.reason;
      },
    },
    onFailure: () => undefined,
  });
  await keys.tried;
  keys.close();
  const { origin, pathname } = key.url; // without the query, which may hold a secret
  return [
    reason === undefined
      ? ok('issuer’s keys', `can be fetched from ${origin}${pathname}; accepts ${accepted}`)
      : fault('issuer’s keys', reason, 'is JWT_JWKS_URL right, and may this machine reach it?'),
  ];
}

/** Asks the servers for the address of the newest connection of the token's user. */
function addressOf(lookout: Lookout | undefined, userId: string | undefined) {
  return async (): Promise<string | undefined> => {
    if (lookout === undefined || userId === undefined) return undefined;
    const { answers } = await askServers(lookout, userId).catch(() => ({ answers: [] })); // it was reported under Servers
    const newest = answers
      .flatMap(({ connections }) => connections)
      .filter(({ address }) => address !== null)
      .sort((one, other) => other.since - one.since)[0];
    return newest?.address ?? undefined;
  };
}
