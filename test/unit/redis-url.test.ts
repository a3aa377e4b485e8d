import { describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';

const good = { JWT_SECRET: 'a secret for tests, long enough for HS256' };

const read = (environment: Record<string, string>, needsRedis = false): Config =>
  readConfig(environment, { needsRedis });

/** The message of the error that refuses the settings. */
function refusal(environment: Record<string, string>, needsRedis = false): string {
  try {
    read(environment, needsRedis);
  } catch (error) {
    return String(error);
  }
  return 'not refused';
}

describe('the account of the sentinels', () => {
  const REDIS_URL = 'redis+sentinel://user:pw@one,two/primary';

  test('has its own name and password, apart from those of Redis', () => {
    const account = { REDIS_SENTINEL_USER: 'watcher', REDIS_SENTINEL_PASSWORD: 'secret' };
    expect(read({ ...good, REDIS_URL, ...account }).redis).toMatchObject({
      username: 'user',
      password: 'pw',
      sentinelUsername: 'watcher',
      sentinelPassword: 'secret',
    });
    expect(read({ ...good, REDIS_URL, REDIS_SENTINEL_PASSWORD: 'secret' }).redis).not.toHaveProperty(
      'sentinelUsername',
    );
  });

  test('is refused without sentinels, and without a password', () => {
    const elsewhere = { REDIS_URL: 'redis://one', REDIS_SENTINEL_PASSWORD: 'secret' };
    expect(refusal({ ...good, ...elsewhere })).toMatch(/are for redis\+sentinel/);
    expect(refusal({ ...good, ...elsewhere })).not.toContain('secret');
    expect(refusal({ ...good, REDIS_URL, REDIS_SENTINEL_USER: 'watcher' })).toContain(
      'REDIS_SENTINEL_PASSWORD',
    );
  });
});

describe('REDIS_URL', () => {
  // With a database number the prefix must not be the default.
  const address = (REDIS_URL: string): Config['redis'] =>
    read({ ...good, REDIS_URL, TOPIC_PREFIX: 'live' }).redis;
  const node = (host: string, port: number) => ({ host, port });

  test.each<[string, object]>([
    ['redis://cache', { form: 'single', nodes: [node('cache', 6379)], database: 0, tls: false }],
    ['redis://10.0.0.1:6380/3', { form: 'single', nodes: [node('10.0.0.1', 6380)], database: 3, tls: false }],
    ['redis://[::1]:6380', { form: 'single', nodes: [node('::1', 6380)], database: 0, tls: false }],
    [
      'rediss://user:p%40ss%3A%2Fw%25@cache/1',
      {
        form: 'single',
        nodes: [node('cache', 6379)],
        database: 1,
        tls: true,
        username: 'user',
        password: 'p@ss:/w%',
      },
    ],
    [
      'redis://:secret@cache',
      { form: 'single', nodes: [node('cache', 6379)], database: 0, tls: false, password: 'secret' },
    ],
    [
      'redis://:a:b@cache/',
      { form: 'single', nodes: [node('cache', 6379)], database: 0, tls: false, password: 'a:b' },
    ],
    [
      'redis+sentinel://:pw@s1,s2:26380/main/2',
      {
        form: 'sentinel',
        nodes: [node('s1', 26379), node('s2', 26380)],
        primaryName: 'main',
        database: 2,
        tls: false,
        password: 'pw',
      },
    ],
    [
      'rediss+cluster://n1:7000,n2',
      { form: 'cluster', nodes: [node('n1', 7000), node('n2', 6379)], database: 0, tls: true },
    ],
  ])('%s', (url, expected) => {
    expect(address(url)).toEqual(expected);
  });

  test.each([
    'cache:6379',
    'http://:hunter2@cache',
    'redis://',
    'redis://:hunter2@',
    'redis://:hunter2@cache:99999',
    'redis://:hunter2@cache:port',
    'redis://:hunter2@cache/name',
    'redis://:hunter2@cache/0/1',
    'redis://:hunter2@cache?db=1',
    'redis://:hunter2@a,b',
    'redis://:hunter2%@cache',
    'redis://:hunter2/@cache',
    'redis://:hunter2@@cache',
    'redis+sentinel://:hunter2@s1,s2',
    'redis+sentinel://:hunter2@s1,/main',
    'redis+nothing://:hunter2@a',
  ])('%s is refused, and the message does not quote it', (REDIS_URL) => {
    const message = refusal({ ...good, REDIS_URL });
    expect(message).toMatch(/^ConfigError: .*\n {2}- REDIS_URL [^\n]+$/);
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('@');
  });

  test('is required in production', () => {
    expect(refusal(good, true)).toContain('REDIS_URL is missing');
    expect(read({ ...good, REDIS_URL: 'redis://cache' }, true).redis).toBeDefined();
  });
});
