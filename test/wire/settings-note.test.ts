/** A server writes the settings that publishers must have alike into Redis, for the publishers' operators. */
import { expect, test } from 'vitest';
import { documentedAccounts } from '../support/acl.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { until, useRedis } from '../support/redis.ts';

test('a server writes its settings at start, for three minutes', async () => {
  const redis = await useRedis();
  await useApp({
    REDIS_URL: redis.url,
    HISTORY_EVENTS: '500',
    HISTORY_SECONDS: '3600',
    ADMIN_ROLES: 'ADMIN,CHIEF',
  });
  await until(async () => (await redis.client.exists('dms:settings')) === 1);
  expect(JSON.parse((await redis.client.get('dms:settings')) ?? '')).toEqual({
    historyEvents: 500,
    historySeconds: 3600,
    adminRoles: ['ADMIN', 'CHIEF'],
    auditRoles: ['System Admin'],
  });
  const seconds = await redis.client.ttl('dms:settings');
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(180);
});

test('a server whose account may not write them is not in trouble', async () => {
  const redis = await useRedis();
  const otherKeys = ['~dms:{*', '~dms:probe', '~dms:session:*', '~dms:deadletters*'];
  for (const words of documentedAccounts())
    await redis.client.call(
      'ACL',
      'SETUSER',
      ...words.flatMap((word) => (word === '~dms:*' ? otherKeys : [word])),
    );
  const { app, lines } = await useTalkativeApp({
    REDIS_URL: redis.url.replace('//', '//dms-live-server:its-password@'),
  });
  await untilReady(app);
  await until(async () => lines.some((line) => line.includes('could not note the settings')));
  expect(await readReadiness(app)).toEqual({ status: 200, reason: '', warnings: [] });
});
