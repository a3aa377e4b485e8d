/** Refused messages are kept, so that a developer can find the publisher's mistake. Over a real Redis. */
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { subscribed, useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const KIB = 1024;
const json = JSON.stringify;

describe('dead letters', () => {
  const query = 'subscription { storageUpdated { id } }';

  test('keep topic, reason and message, and only once, even if several servers refuse it', async () => {
    const redis = await useRedis();
    const apps = [await useApp({ REDIS_URL: redis.url }), await useApp({ REDIS_URL: redis.url })];
    const operations = await Promise.all(
      apps.map(async (app) => subscribed(useClient(app, await people.head()), query)),
    );
    await redis.untilSubscribed('dms:storage:unit:5', 2);
    await redis.client.publish('dms:storage:unit:5', 'not JSON at all');
    await redis.client.publish('dms:storage:unit:5', json(messages.storage({}, { id: 'good' })));
    for (const operation of operations)
      expect(await operation.data()).toEqual({ storageUpdated: { id: 'good' } });
    await until(async () => (await redis.client.xlen('dms:deadletters')) > 0);
    const [letter] = await redis.client.xrange('dms:deadletters', '-', '+');
    const [, fields = []] = letter ?? [];
    const pairs = Object.fromEntries(fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1]]])));
    expect(pairs).toMatchObject({
      topic: 'dms:storage:unit:5',
      reason: 'not JSON',
      bytes: '15',
      payload: 'not JSON at all',
    });
    // Both servers have answered this command, so they have already written their dead letters.
    await Promise.all(apps.map((app) => app.bus.read(['any'])));
    expect(await redis.client.xlen('dms:deadletters')).toBe(1);
  });

  test('are limited, in number and in size', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    const operation = await subscribed(useClient(app, await people.head()), query);
    await redis.untilSubscribed('dms:storage:unit:5');
    // Until the topic is open, only a limited number of messages may wait. The arrival of this event shows that the topic is
    // open.
    await redis.client.publish('dms:storage:unit:5', json(messages.storage({}, { id: 'first' })));
    expect(await operation.data()).toEqual({ storageUpdated: { id: 'first' } });
    const sent = redis.client.pipeline();
    for (let number = 0; number < 1500; number += 1) sent.publish('dms:storage:unit:5', `bad ${number}`);
    await sent.exec();
    await redis.client.publish('dms:storage:unit:5', 'z'.repeat(100 * KIB));
    await redis.client.publish('dms:storage:unit:5', json(messages.storage({}, { id: 'good' })));
    expect(await operation.data()).toEqual({ storageUpdated: { id: 'good' } });
    const newest = async (): Promise<string[]> =>
      (await redis.client.xrevrange('dms:deadletters', '+', '-', 'COUNT', 1))[0]?.[1] ?? [];
    await until(async () => (await newest()).includes('too large'));
    expect((await newest()).at(-1)).toHaveLength(4 * KIB);
    // Redis trims whole nodes of a stream, at most 100 entries each. So it may keep up to 100 more.
    expect(await redis.client.xlen('dms:deadletters')).toBeLessThanOrEqual(1100);
  });
});
