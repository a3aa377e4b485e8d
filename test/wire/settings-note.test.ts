/** A server writes the settings that publishers must have alike into Redis, for the publishers' operators. */
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
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
