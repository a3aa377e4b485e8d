import { generateKeyPairSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { readDemoConfig } from '../../demo/server/src/settings.ts';
import { type Config, ConfigError, readConfig } from '../../src/config/config.ts';
import { countCpus } from '../../src/config/cpus.ts';

const SECRET = 'a secret that must not be shown, long enough';
const good = { JWT_SECRET: SECRET };

function read(environment: Record<string, string>, needsRedis = false): Config {
  return readConfig(environment, { needsRedis });
}

/** The names of the rejected settings in order, and the whole message. */
function faults(
  environment: Record<string, string>,
  needsRedis = false,
): { names: string[]; message: string } {
  try {
    read(environment, needsRedis);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.message.split('\n').slice(1);
    return { names: lines.map((line) => /[A-Z][A-Z_]{3,}/.exec(line)?.[0] ?? line), message: error.message };
  }
  return { names: [], message: '' };
}

const pemOf = (key: {
  publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer };
}): string => String(key.publicKey.export({ type: 'spki', format: 'pem' }));
const PEM = {
  rsa: pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  ec: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  ec384: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  ec521: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  bitcoin: pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
  ed25519: pemOf(generateKeyPairSync('ed25519')),
  x25519: pemOf(generateKeyPairSync('x25519')),
};

test('the in-process bus needs no setting except a key', () => {
  expect(read(good)).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    metrics: undefined,
    workers: undefined,
    schemaFile: undefined,
    redis: undefined,
    topicPrefix: 'dms',
    revocationCheckSeconds: 30,
    token: {
      key: { form: 'secret', secret: SECRET },
      algorithms: ['HS256'],
      leewaySeconds: 5,
      claims: { user: 'user_id', unit: 'unit_id', role: 'role' },
    },
    roleClasses: { ADMIN: ['System Admin'], AUDITOR: ['System Admin'] },
    corsOrigins: [],
    publicOrigins: [],
    basePath: '',
    compression: false,
    keepAliveSeconds: 75,
    graphiql: true,
    introspection: true,
    logLevel: 'info',
    shutdownSeconds: 10,
  });
});

test.each([
  ['redis://redis:6379/1', {}, true],
  ['redis://redis:6379/1', { TOPIC_PREFIX: 'dms' }, true],
  ['rediss+sentinel://a,b/primary/2', {}, true],
  ['redis://redis:6379/1', { TOPIC_PREFIX: 'staging' }, false],
  ['redis://redis:6379/0', {}, false],
  ['redis+sentinel://a,b/primary', {}, false],
])('a Redis database number does not replace a prefix: %s with %j', (url, more, isFault) => {
  const { names, message } = faults({ ...good, REDIS_URL: url, ...more }, true);
  expect(names).toEqual(isFault ? ['REDIS_URL'] : []);
  if (isFault) expect(message).toMatch(/database \d.*Pub\/Sub ignores.*Set a TOPIC_PREFIX/);
});

test('all faults are reported at once, without their values', () => {
  const { names, message } = faults(
    {
      PORT: 'eighty',
      TOPIC_PREFIX: 'dms:*',
      CORS_ORIGINS: 'dms.example.org',
      GRAPHIQL: 'maybe',
      MAX_MESSAGE_BYTES: '0',
      LOG_LEVEL: 'loud',
      SHUTDOWN_SECONDS: '-1',
      JWT_SECRET: SECRET,
      JWT_JWKS_URL: 'https://issuer.example.org/keys',
    },
    true,
  );
  expect(names.toSorted()).toEqual([
    'CORS_ORIGINS',
    'GRAPHIQL',
    'JWT_SECRET',
    'LOG_LEVEL',
    'MAX_MESSAGE_BYTES',
    'PORT',
    'REDIS_URL',
    'SHUTDOWN_SECONDS',
    'TOPIC_PREFIX',
  ]);
  for (const value of ['eighty', 'maybe', 'loud', SECRET]) expect(message).not.toContain(value);
});

test('production turns GraphiQL and introspection off by default', () => {
  const production = { ...good, NODE_ENV: 'production' };
  expect(read(production)).toMatchObject({ graphiql: false, introspection: false });
  expect(read({ ...production, GRAPHIQL: 'true' })).toMatchObject({ graphiql: true, introspection: false });
  expect(read({ ...production, INTROSPECTION: 'on' })).toMatchObject({
    graphiql: false,
    introspection: true,
  });
  expect(read({ ...good, NODE_ENV: 'development' })).toMatchObject({ graphiql: true, introspection: true });
  expect(readDemoConfig({ NODE_ENV: 'production' })).toMatchObject({ graphiql: true, introspection: true });
});

test.each(['/live', '/a/b-c_d.e~f', '/.well-known', '/...'])('%s may be a base path', (basePath) => {
  expect(read({ ...good, BASE_PATH: basePath }).basePath).toBe(basePath);
});

test.each([
  'live',
  '/',
  '/live/',
  '//live',
  '/a//b',
  '/..',
  '/a/../b',
  '/a/.',
  '/live?x=1',
  '/live#x',
  '/a b',
  '/%2e%2e',
  'https://dms.example.org/live',
])('%s may not', (basePath) => {
  const { names, message } = faults({ ...good, BASE_PATH: basePath });
  expect(names).toEqual(['BASE_PATH']);
  expect(message).toContain('such as /live');
});

test('PUBLIC_ORIGIN lists origins, and * is not allowed', () => {
  const { publicOrigins } = read({
    ...good,
    PUBLIC_ORIGIN: 'https://dms.example.org, http://localhost:8080/',
  });
  expect(publicOrigins).toEqual(['https://dms.example.org', 'http://localhost:8080']);
  for (const wrong of ['*', 'dms.example.org', 'https://dms.example.org/live', 'https://*.example.org'])
    expect(faults({ ...good, PUBLIC_ORIGIN: wrong }).names).toEqual(['PUBLIC_ORIGIN']);
});

test('METRICS_PORT is another port, at the same address unless METRICS_HOST says so', () => {
  const METRICS_PORT = '9400';
  expect(read({ ...good, METRICS_PORT, HOST: '0.0.0.0' }).metrics).toEqual({ host: '0.0.0.0', port: 9400 });
  const METRICS_HOST = '10.0.0.5';
  expect(read({ ...good, METRICS_PORT, METRICS_HOST }).metrics).toEqual({ host: '10.0.0.5', port: 9400 });
  expect(read({ ...good, METRICS_HOST }).metrics).toBeUndefined();
  expect(faults({ ...good, METRICS_PORT: '4000' }).names).toEqual(['METRICS_PORT']);
  expect(faults({ ...good, METRICS_PORT: '0', PORT: '0' }).names).toEqual([]);
});

describe('WORKERS', () => {
  const shared = { ...good, REDIS_URL: 'redis://127.0.0.1' };

  test('is a number, or auto for one worker on each processor', () => {
    expect(read({ ...shared, WORKERS: '4' }).workers).toBe(4);
    expect(read({ ...shared, WORKERS: 'auto' }).workers).toBe(countCpus());
    for (const wrong of ['0', '257', '-1', '1.5', 'all', 'AUTO'])
      expect(faults({ ...shared, WORKERS: wrong }).names, wrong).toEqual(['WORKERS']);
  });

  test('needs Redis, by which processes share events', () => {
    expect(faults({ ...good, WORKERS: '2' }).message).toContain('WORKERS needs REDIS_URL');
  });

  test.each([
    ['no limit', {}, Number.POSITIVE_INFINITY],
    ['none in a group', { '/sys/fs/cgroup/cpu.max': 'max 100000' }, Number.POSITIVE_INFINITY],
    ['half a processor', { '/sys/fs/cgroup/cpu.max': '50000 100000' }, 1],
    ['one and a half', { '/sys/fs/cgroup/cpu.max': '150000 100000' }, 2],
    [
      'one, in an older kernel',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' },
      1,
    ],
    [
      'no limit in an older kernel',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1' },
      Number.POSITIVE_INFINITY,
    ],
  ])('auto heeds the limit of a container: %s', (_what, files: Record<string, string>, most) => {
    expect(countCpus((path) => files[path])).toBe(Math.min(availableParallelism(), most));
  });
});

test('KEEP_ALIVE_SECONDS is a duration', () => {
  expect(read({ ...good, KEEP_ALIVE_SECONDS: '620' }).keepAliveSeconds).toBe(620);
  for (const wrong of ['0', '-1', '1.5', '99999999'])
    expect(faults({ ...good, KEEP_ALIVE_SECONDS: wrong }).names).toEqual(['KEEP_ALIVE_SECONDS']);
});

test('white space around a value and an empty value are ignored', () => {
  expect(read({ ...good, PORT: ' 80 ', LOG_LEVEL: ' ', REDIS_URL: '' })).toMatchObject({
    port: 80,
    logLevel: 'info',
    redis: undefined,
  });
});

describe('numbers', () => {
  test.each([
    ['PORT', 0, 65_535],
    ['METRICS_PORT', 0, 65_535],
    ['MAX_MESSAGE_BYTES', 1024, 16_777_216],
    ['MAX_DOCUMENT_TOKENS', 100, 100_000],
    ['MAX_ANONYMOUS_DOCUMENT_TOKENS', 50, 100_000],
    ['MAX_DOCUMENT_CACHE_BYTES', 0, 1_073_741_824],
    ['MAX_DOCUMENT_DEPTH', 1, 100],
    ['MAX_DOCUMENT_FIELDS', 10, 100_000],
    ['MAX_WAITING_EVENTS', 1, 1_000_000],
    ['SHUTDOWN_SECONDS', 0, 3600],
    ['PROFILE_TIMEOUT_MS', 1, 60_000],
    ['MAX_PROFILES', 1, 1_000_000],
    ['MAX_REPLAY_BYTES', 65_536, 17_179_869_184],
    ['MAX_CONNECTIONS_PER_USER', 0, 1_000_000],
    ['MAX_SUBSCRIPTIONS_PER_USER', 0, 1_000_000],
    ['MAX_MESSAGES_PER_SECOND', 0, 1_000_000],
    ['MAX_STRANGERS', 0, 1_000_000],
    ['MAX_STRANGER_SOCKETS_PER_ADDRESS', 0, 1_000_000],
    ['MAX_STRANGER_REQUESTS_PER_ADDRESS', 0, 1_000_000],
    ['MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE', 0, 1_000_000],
    ['MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE', 0, 1_000_000],
    ['TOKEN_LEEWAY_SECONDS', 0, 300],
    ['JWKS_MAX_STALE_SECONDS', 600, 604_800],
  ])('%s is from %i to %i', (name, least, most) => {
    for (const value of [least, most]) expect(faults({ ...good, [name]: `${value}` }).names).toEqual([]);
    for (const value of [`${least - 1}`, `${most + 1}`, '1.5', '1e3', '0x10', 'NaN', '9'.repeat(400), '٣'])
      expect(faults({ ...good, [name]: value }).names, value).toEqual([name]);
  });
});

test.each(['GRAPHIQL', 'INTROSPECTION'])('%s is true or false, in common spellings', (name) => {
  const key = name.toLowerCase() as 'graphiql' | 'introspection';
  for (const on of ['true', 'TRUE', '1', 'on', 'yes']) expect(read({ ...good, [name]: on })[key]).toBe(true);
  for (const off of ['false', 'False', '0', 'off', 'no'])
    expect(read({ ...good, [name]: off })[key]).toBe(false);
  expect(faults({ ...good, [name]: 'nope' }).names).toEqual([name]);
});

test('lists are separated by commas', () => {
  const roles = { ADMIN_ROLES: 'System Admin, Boss', AUDIT_ROLES: 'QC,,' };
  expect(read({ ...good, ...roles }).roleClasses).toEqual({
    ADMIN: ['System Admin', 'Boss'],
    AUDITOR: ['QC'],
  });
});

test('CORS_ORIGINS takes origins, or * for any origin', () => {
  const CORS_ORIGINS = 'https://a.example, http://localhost:5173/, *';
  expect(read({ ...good, CORS_ORIGINS }).corsOrigins).toEqual([
    'https://a.example',
    'http://localhost:5173',
    '*',
  ]);
  for (const wrong of [
    'null',
    'a.example',
    'https://a.example/path',
    'https://*.example',
    'ftp://',
    'data:x',
  ])
    expect(faults({ ...good, CORS_ORIGINS: wrong }).names, wrong).toEqual(['CORS_ORIGINS']);
});

describe('PROFILE_URL', () => {
  const PROFILE_URL = 'https://dms.example.org/api/me/';

  test('turns on profiles as the source of unit and role, with the usual field names', () => {
    expect(read(good).profile).toBeUndefined();
    expect(read({ ...good, PROFILE_URL }).profile).toEqual({
      url: new URL(PROFILE_URL),
      fields: { user: 'id', unit: 'unit_id', role: 'role', name: 'name' },
      timeoutMs: 5000,
      maxKept: 10_000,
    });
  });

  test.each(['dms', '/api/me/', 'ftp://dms.example.org/me', 'https://user:secret@dms.example.org/me'])(
    'is not %s',
    (wrong) => {
      const { names, message } = faults({ ...good, PROFILE_URL: wrong });
      expect(names).toEqual(['PROFILE_URL']);
      expect(message).not.toContain('secret');
    },
  );

  test.each(['PROFILE_USER', 'PROFILE_UNIT', 'PROFILE_ROLE', 'PROFILE_NAME'])('%s may be nested', (name) => {
    const settings = { ...good, PROFILE_URL };
    expect(Object.values(read({ ...settings, [name]: 'a.b.c' }).profile?.fields ?? {})).toContain('a.b.c');
    for (const wrong of ['.', 'a.', '.a', 'a..b', 'a b'])
      expect(faults({ ...settings, [name]: wrong }).names, wrong).toEqual([name]);
  });
});

describe('the key', () => {
  test('is exactly one of three', () => {
    expect(faults({}).names).toEqual(['JWT_SECRET']);
    for (const other of [{ JWT_PUBLIC_KEY: PEM.rsa }, { JWT_JWKS_URL: 'https://issuer.example.org' }])
      expect(faults({ ...good, ...other }).names).toEqual(['JWT_SECRET']);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['a secret', good, ['HS256']],
    ['RSA', { JWT_PUBLIC_KEY: PEM.rsa }, ['RS256']],
    ['P-256', { JWT_PUBLIC_KEY: PEM.ec }, ['ES256']],
    ['P-384', { JWT_PUBLIC_KEY: PEM.ec384 }, ['ES384']],
    ['P-521', { JWT_PUBLIC_KEY: PEM.ec521 }, ['ES512']],
    ['Ed25519', { JWT_PUBLIC_KEY: PEM.ed25519 }, ['EdDSA', 'Ed25519']],
  ])('%s implies its algorithms', (_what, key, algorithms) => {
    expect(read(key).token.algorithms).toEqual(algorithms);
  });

  test('may have \\n instead of line breaks', () => {
    expect(read({ JWT_PUBLIC_KEY: PEM.rsa.replaceAll('\n', '\\n') }).token.key.form).toBe('publicKey');
  });

  test.each<[string, Record<string, string>]>([
    ['no PEM', { JWT_PUBLIC_KEY: 'ssh-rsa AAAA' }],
    ['a curve that JWT does not support here', { JWT_PUBLIC_KEY: PEM.bitcoin }],
    ['a key that cannot sign', { JWT_PUBLIC_KEY: PEM.x25519 }],
    ['no URL', { JWT_JWKS_URL: 'issuer' }],
    ['a URL of another scheme', { JWT_JWKS_URL: 'file:///etc/passwd' }],
    ['a URL with a password', { JWT_JWKS_URL: 'https://user:password@issuer.example.org/keys' }],
    ['a secret of 31 bytes', { JWT_SECRET: 'x'.repeat(31) }],
  ])('%s is refused', (_what, key) => {
    const { names, message } = faults(key);
    expect(names).toEqual(Object.keys(key));
    expect(message).not.toMatch(/password@|xxx/);
  });

  test('may be a secret of 32 bytes, or a shorter one if a setting allows it', () => {
    for (const secret of ['x'.repeat(32), 'é'.repeat(16)])
      expect(faults({ JWT_SECRET: secret, JWT_ALGORITHMS: 'HS256, HS512' }).names).toEqual([]);
    expect(faults({ JWT_SECRET: 'short', ALLOW_WEAK_SECRET: 'true' }).names).toEqual([]);
    expect(faults({ JWT_SECRET: 'short', ALLOW_WEAK_SECRET: 'no' }).names).toEqual(['JWT_SECRET']);
  });

  test.each<[string, Record<string, string>]>([
    ['a public-key algorithm with a secret', { ...good, JWT_ALGORITHMS: 'RS256' }],
    ['a mix with a secret', { ...good, JWT_ALGORITHMS: 'HS256,RS256' }],
    ['HMAC with an RSA key', { JWT_PUBLIC_KEY: PEM.rsa, JWT_ALGORITHMS: 'HS256' }],
    ['a mix with an RSA key', { JWT_PUBLIC_KEY: PEM.rsa, JWT_ALGORITHMS: 'RS256,HS256' }],
    ['EC with an RSA key', { JWT_PUBLIC_KEY: PEM.rsa, JWT_ALGORITHMS: 'ES256' }],
    ['HMAC with a JWKS', { JWT_JWKS_URL: 'https://issuer.example.org', JWT_ALGORITHMS: 'HS256' }],
    ['none', { ...good, JWT_ALGORITHMS: 'none' }],
    ['an empty list', { ...good, JWT_ALGORITHMS: ',' }],
  ])('%s is refused', (_what, settings) => {
    expect(faults(settings).names).toEqual(['JWT_ALGORITHMS']);
  });

  test('may have a chosen subset of its algorithms', () => {
    expect(read({ ...good, JWT_ALGORITHMS: 'HS512, HS384' }).token.algorithms).toEqual(['HS512', 'HS384']);
  });
});

describe('an unknown setting', () => {
  const warningsOf = (environment: Record<string, string>): readonly string[] =>
    read({ ...good, ...environment }).warnings;

  test.each([
    ['PROT', 'PORT'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['REDIS_ULR', 'REDIS_URL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['REDIS_SENTINEL_PASWORD', 'REDIS_SENTINEL_PASSWORD'],
    ['MAX_CONECTIONS_PER_USER', 'MAX_CONNECTIONS_PER_USER'],
  ])('%s suggests %s, and its value is not shown', (name, meant) => {
    const [warning, ...others] = warningsOf({ [name]: SECRET });
    expect(warning).toBe(`${name} is set, and there is no such setting: did you mean ${meant}?`);
    expect(others).toEqual([]);
  });

  test.each(['MAX_PATIENCE', 'REDIS_PASSWORD', 'JWT_LIFETIME', 'PROFILE_PICTURE'])(
    '%s, which starts like a setting, gets a warning',
    (name) => {
      expect(warningsOf({ [name]: SECRET })).toEqual([
        `${name} is set, and there is no such setting. docs/settings.md lists all.`,
      ]);
    },
  );

  test.each([
    'PATH',
    'HOME',
    'HOSTNAME',
    'NODE_OPTIONS',
    'DEMO_PACE',
    'npm_config_loglevel',
    'DJANGO_SECRET_KEY',
    'REDIS_SERVICE_HOST',
    'REDIS_SERVICE_PORT_TLS',
    'REDIS_PORT',
    'REDIS_PORT_6379_TCP_ADDR',
  ])('%s belongs to another program', (name) => {
    expect(warningsOf({ [name]: 'x' })).toEqual([]);
  });

  test('is reported with the faults, because it may be their cause', () => {
    const { message } = faults({ ...good, REDIS_ULR: 'redis://:hunter2@redis' }, true);
    expect(message).toContain('REDIS_URL is missing');
    expect(message).toContain('did you mean REDIS_URL?');
    expect(message).not.toContain('hunter2');
  });
});

test('TRUSTED_DOCUMENTS alone leaves no way for other documents, and its mode alone is a fault', () => {
  const one = { ...good, TRUSTED_DOCUMENTS: 'a.json, folder' };
  expect(read(good).documents).toEqual({ manifests: [], isOnly: false });
  expect(read(one).documents).toEqual({ manifests: ['a.json', 'folder'], isOnly: true });
  expect(read({ ...one, TRUSTED_DOCUMENTS_MODE: 'also' }).documents.isOnly).toBe(false);
  for (const environment of [{ TRUSTED_DOCUMENTS_MODE: 'only' }, { ...one, TRUSTED_DOCUMENTS_MODE: 'all' }])
    expect(faults({ ...good, ...environment }).names).toEqual(['TRUSTED_DOCUMENTS_MODE']);
});
