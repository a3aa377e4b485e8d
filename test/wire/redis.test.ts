import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { post, useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const REQUESTS = 'subscription { requestUpdated { id request { id unitId } } }';
const CHANNEL = 'dms:request:unit:5';
const publish = (message: unknown): string => JSON.stringify(message);

test('an event published by redis-cli reaches its subscriber', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const operation = useClient(app, await people.head()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);

  const event = publish(messages.request({ id: 1 }));
  execFileSync('redis-cli', ['-p', `${redis.port}`, 'PUBLISH', CHANNEL, event]);

  expect((await operation.data())['requestUpdated'].request).toEqual({ id: '1', unitId: '5' });
});

test('a System Admin without a unit receives events of every unit, also beside subscribers of one unit', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const admin = useClient(app, await people.admin()).run(REQUESTS);
  const head = useClient(app, await people.head()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2); // requests, and the server's own pattern for KPIs

  await redis.client.publish(CHANNEL, publish(messages.request({ id: 1 })));
  await redis.client.publish('dms:request:unit:7', publish(messages.request({ id: 2, unitId: 7 })));
  await redis.client.publish(CHANNEL, publish(messages.request({ id: 3 })));

  const ids = async (operation: typeof admin): Promise<string> =>
    (await operation.data())['requestUpdated'].request.id;
  expect([await ids(admin), await ids(admin), await ids(admin)]).toEqual(['1', '2', '3']);
  expect([await ids(head), await ids(head)]).toEqual(['1', '3']);
});

test('a server that starts before Redis is not ready at first, and recovers', async () => {
  const redis = await useRedis();
  await redis.kill();
  const app = await useApp({ REDIS_URL: redis.url });
  expect((await fetch(`${app.url}/ready`)).status).toBe(503);
  expect((await fetch(`${app.url}/health`)).status).toBe(200);
  const operation = useClient(app, await people.head()).run(REQUESTS);

  await redis.start();
  await until(async () => (await fetch(`${app.url}/ready`)).status === 200);
  await redis.untilSubscribed(CHANNEL);
  await redis.client.publish(CHANNEL, publish(messages.request({ id: 2 })));

  expect((await operation.data())['requestUpdated'].request.id).toBe('2');
});

test('open subscriptions without any logged event go on after Redis was killed and restarted without its data', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const clients = [useClient(app, await people.head()), useClient(app, await people.admin())];
  const operations = clients.map((client) => client.run(REQUESTS));
  await redis.untilSubscribed(CHANNEL);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2);

  await redis.kill();
  const late = clients[0]?.run('subscription { crateUpdated { crate { id } } }'); // requested while Redis is away
  await redis.start();
  await redis.untilSubscribed(CHANNEL);
  await redis.untilSubscribed('dms:crate:unit:5');
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2);

  await redis.client.publish(CHANNEL, publish(messages.request({ id: 3 })));
  await redis.client.publish('dms:crate:unit:5', publish(messages.crate({ id: 8 })));
  for (const operation of operations) expect((await operation.data())['requestUpdated'].request.id).toBe('3');
  expect((await late?.data())?.['crateUpdated'].crate.id).toBe('8');
});

test('open subscriptions go on after the connection to Redis was cut', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const operations = [await people.head(), await people.admin()].map((token) =>
    useClient(app, token).run(REQUESTS),
  );
  await redis.untilSubscribed(CHANNEL);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2);

  await redis.client.client('KILL', 'TYPE', 'pubsub');
  await redis.untilSubscribed(CHANNEL);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2);
  await redis.client.publish(CHANNEL, publish(messages.request({ id: 3 })));
  for (const operation of operations) expect((await operation.data())['requestUpdated'].request.id).toBe('3');
});

test('a revocation that was missed while the connection was cut still ends the session', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const operation = useClient(app, await people.head()).run(REQUESTS);
  const other = useClient(app, await people.stranger()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await redis.untilSubscribed('dms:request:unit:7');

  await redis.client.set('dms:session:revoked:user:17', Math.ceil(Date.now() / 1000));
  await redis.client.client('KILL', 'TYPE', 'pubsub');

  expect(await operation.next()).toMatchObject({ closed: { code: 4401 } });
  await redis.untilSubscribed('dms:request:unit:7');
  await redis.client.publish('dms:request:unit:7', publish(messages.request({ unitId: 7 })));
  expect((await other.data())['requestUpdated'].request.unitId).toBe('7');
});

test('a subscription that Redis refuses fails alone, with SERVICE_UNAVAILABLE', async () => {
  const redis = await useRedis();
  await redis.client.acl(
    'SETUSER',
    'live',
    'on',
    '>secret',
    '+@all',
    '~*',
    '&dms:kpis:*',
    '&dms:session',
    '&dms:crate:*',
  );
  const app = await useApp({ REDIS_URL: redis.url.replace('//', '//live:secret@') });
  const head = useClient(app, await people.head());

  expect(await head.run(REQUESTS).codes()).toEqual(['SERVICE_UNAVAILABLE']);
  expect(await head.run(REQUESTS).codes()).toEqual(['SERVICE_UNAVAILABLE']); // the failure is neither remembered nor thrown elsewhere
  const crates = head.run('subscription { crateUpdated { crate { id } } }');
  await redis.untilSubscribed('dms:crate:unit:5');
  await redis.client.publish('dms:crate:unit:5', publish(messages.crate({ id: 8 })));
  expect((await crates.data())['crateUpdated'].crate.id).toBe('8');
});

test('subscribing and unsubscribing may race: the last call counts', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const head = useClient(app, await people.head());
  for (let round = 0; round < 100; round += 1) head.run(REQUESTS).stop();
  const operation = head.run(REQUESTS);
  await head.run('{ viewer { id } }').data(); // the server has read all of the above
  await redis.untilSubscribed(CHANNEL);

  await redis.client.publish(CHANNEL, publish(messages.request({ id: 5 })));
  expect((await operation.data())['requestUpdated'].request.id).toBe('5');
  operation.stop();
  await redis.untilSubscribed(CHANNEL, 0);
});

test('the newest KPI snapshot comes first, even to clients that subscribe after it was published', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 1);
  await redis.untilSubscribed('dms:kpis:all');
  const token = await people.head();
  const query = '{ dashboardKpis { pendingApprovals } }';
  expect((await post(app, query, { token })).body).toEqual({ data: { dashboardKpis: null } });

  for (const pendingApprovals of [1, 2]) {
    await redis.client.publish('dms:kpis:unit:5', publish(messages.kpis({ pendingApprovals })));
  }
  await until(
    async () => (await post(app, query, { token })).body.data?.['dashboardKpis']?.pendingApprovals === 2,
  );
  const operation = useClient(app, token).run(`subscription ${query}`);
  expect(await operation.data()).toEqual({ dashboardKpis: { pendingApprovals: 2 } });
  await redis.client.publish('dms:kpis:unit:5', publish(messages.kpis({ pendingApprovals: 3 })));
  expect(await operation.data()).toEqual({ dashboardKpis: { pendingApprovals: 3 } });

  const stranger = useClient(app, await people.stranger()).run(`subscription ${query}`);
  await redis.untilSubscribed('dms:kpis:unit:7');
  await redis.client.publish('dms:kpis:unit:7', publish(messages.kpis({ unitId: 7, pendingApprovals: 70 })));
  expect(await stranger.data()).toEqual({ dashboardKpis: { pendingApprovals: 70 } });
});

test('a request that is made while Redis is away waits for it', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  await redis.kill();
  const answer = post(app, '{ viewer { id } }', { token: await people.head() });
  await redis.start();
  expect((await answer).body).toEqual({ data: { viewer: { id: '17' } } });
});

test('two servers on one Redis receive the same events', async () => {
  const redis = await useRedis();
  const apps = [await useApp({ REDIS_URL: redis.url }), await useApp({ REDIS_URL: redis.url })];
  const token = await people.head();
  const operations = apps.map((app) => useClient(app, token).run(REQUESTS));
  await redis.untilSubscribed(CHANNEL, 2);
  await redis.client.publish(CHANNEL, publish(messages.request({ id: 6 })));
  for (const operation of operations) expect((await operation.data())['requestUpdated'].request.id).toBe('6');
});

test('a server that finds no Redis at all still answers its probes and stops', async () => {
  const app = await useApp({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  expect((await fetch(`${app.url}/ready`)).status).toBe(503);
  await app.close();
});
