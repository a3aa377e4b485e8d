/**
 * Redis is there, but refuses commands. The server knows which channels it does not receive, reports it, and goes on once Redis
 * allows them.
 */
import { expect, onTestFinished, test } from 'vitest';
import { connectPublisher } from '../../src/publisher.ts';
import { useRedisProcess } from '../faults/support/redis-process.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readReadiness, untilReady, untilWarned } from '../support/readiness.ts';
import { type TestRedis, until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const REQUESTS = 'subscription { requestUpdated { id } }';
const CHANNEL = 'dms:request:unit:5';
const OTHER_CHANNEL = 'dms:request:unit:7';
const ALL = ['on', '>pw', '~*', '&*', '+@all'];
/** The channels of every server. Redis allows a pattern subscription only for exactly the same pattern. */
const CORE = ['&dms:kpis:unit:*', '&dms:kpis:all', '&dms:session', '&dms:probe:*'];

const grant = ({ client }: TestRedis, ...rules: string[]): Promise<unknown> =>
  client.call('ACL', 'SETUSER', 'live', ...rules);
const liveUrl = ({ url }: TestRedis): string => url.replace('//', '//live:pw@');
const idOf = (data: { [field: string]: { id: string } }): string => data['requestUpdated']?.id ?? '';

/** Appends events of a unit as another program, with an account of its own. */
function usePublisher(redis: TestRedis) {
  const publisher = connectPublisher({ redisUrl: redis.url });
  onTestFinished(() => publisher.close());
  return async (ids: readonly string[], unitId = 5): Promise<void> => {
    for (const id of ids) {
      const event = messages.request({ unitId }, { id });
      await publisher.publish({ kind: 'request', unitId: String(unitId) }, event as never);
    }
  };
}

test('if an account is missing after a restart and is made again, every channel is received again, with few log lines', async () => {
  const redis = await useRedis();
  await grant(redis, ...ALL);
  const { app, lines } = await useTalkativeApp({ REDIS_URL: liveUrl(redis) });
  const operation = useClient(app, await people.head()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await untilReady(app);

  await redis.kill();
  await untilReady(app, 503);
  await redis.start();
  await until(async () => (await readReadiness(app)).reason.includes('WRONGPASS'));
  await grant(redis, ...ALL);
  await untilReady(app);

  expect(await redis.client.pubsub('NUMSUB', CHANNEL, 'dms:session', 'dms:kpis:all')).toEqual([
    CHANNEL,
    1,
    'dms:session',
    1,
    'dms:kpis:all',
    1,
  ]);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare' })));
  expect(idOf(await operation.data())).toBe('bare');
  await redis.client.publish('dms:session', '{"action":"REVOKED","userId":17}');
  expect(await operation.next()).toMatchObject({ closed: { code: 4401 } });
  const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 30);
  expect(warnings.length).toBeLessThan(15);
  expect(warnings.filter(({ msg }) => msg.includes('unhandled'))).toEqual([]);
});

test('while channels are forbidden, logged events still arrive in order, each once; once they are allowed again, live events do too', async () => {
  const redis = await useRedis();
  await grant(redis, ...ALL);
  const app = await useApp({ REDIS_URL: liveUrl(redis) });
  const publish = usePublisher(redis);
  const operation = useClient(app, await people.head()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare' })));
  expect(idOf(await operation.data())).toBe('bare'); // so the subscription is live
  await publish(['1', '2']);
  await grant(redis, 'resetchannels'); // Redis then drops its subscribers
  expect((await untilReady(app, 503)).reason).toMatch(/not subscribed .*NOPERM/);
  await publish(['3', '4', '5']);
  const received = [];
  while (received.length < 5) received.push(idOf(await operation.data()));
  expect(received).toEqual(['1', '2', '3', '4', '5']);

  await publish(['6']);
  await grant(redis, '&*');
  await untilReady(app);
  await publish(['7']);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare again' })));
  expect([idOf(await operation.data()), idOf(await operation.data()), idOf(await operation.data())]).toEqual([
    '6',
    '7',
    'bare again',
  ]);
  expect(operation.pending).toBe(0);
});

test('if one unit’s channel is refused, its subscribers get an error, and other units are not disturbed, even after an outage', async () => {
  const redis = await useRedis();
  const others = [...CORE, `&${OTHER_CHANNEL}`];
  await grant(redis, 'on', '>pw', '~*', '+@all', ...others);
  const app = await useApp({ REDIS_URL: liveUrl(redis) });
  const stranger = useClient(app, await people.stranger()).run(REQUESTS);
  await redis.untilSubscribed(OTHER_CHANNEL);
  await untilReady(app);
  const head = useClient(app, await people.head());
  const refused = head.run(REQUESTS);
  expect((await untilReady(app, 503)).reason).toContain(CHANNEL);
  expect(await refused.codes()).toEqual(['SERVICE_UNAVAILABLE']);
  await untilReady(app); // no client needs this channel any more

  const again = head.run(REQUESTS);
  await redis.client.client('KILL', 'TYPE', 'pubsub');
  await redis.untilSubscribed(OTHER_CHANNEL);
  await redis.untilSubscribed('dms:session');
  await redis.client.publish(OTHER_CHANNEL, JSON.stringify(messages.request({ unitId: 7 }, { id: 'bare' })));
  expect(idOf(await stranger.data())).toBe('bare');

  await grant(redis, `&${CHANNEL}`); // before the second subscription gets its error
  await redis.untilSubscribed(CHANNEL);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'granted' })));
  expect(idOf(await again.data())).toBe('granted');
});

test('a subscription that is stopped and started again while it is refused goes on once it is allowed', async () => {
  const redis = await useRedis();
  await grant(redis, 'on', '>pw', '~*', '+@all', ...CORE);
  const app = await useApp({ REDIS_URL: liveUrl(redis) });
  const head = useClient(app, await people.head());
  for (let time = 0; time < 20; time += 1) head.run(REQUESTS).stop();
  const operation = head.run(REQUESTS);
  await untilReady(app, 503);
  await grant(redis, `&${CHANNEL}`);
  await redis.untilSubscribed(CHANNEL);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'granted' })));
  expect(idOf(await operation.data())).toBe('granted');
  operation.stop();
  await redis.untilSubscribed(CHANNEL, 0);
});

test.each([
  ['a wrong password', ['on', '>other', '~*', '&*', '+@all'], ['resetpass', '>pw'], 'WRONGPASS'],
  ['no channels', ['on', '>pw', '~*', '+@all', 'resetchannels'], ['&*'], 'NOPERM'],
  ['no right to subscribe', [...ALL, '-subscribe', '-psubscribe'], ['+@all'], 'NOPERM'],
])(
  'refused at the start for %s: the server is not ready until that is fixed, and then receives revocations and figures',
  async (_name, spoilt, mended, code) => {
    const redis = await useRedis();
    await grant(redis, ...spoilt);
    const app = await useApp({ REDIS_URL: liveUrl(redis) });
    expect((await readReadiness(app)).status).toBe(503);
    await until(async () => (await readReadiness(app)).reason.includes(code));
    await grant(redis, ...mended);
    await untilReady(app);
    await redis.untilSubscribed('dms:session');
    const operation = useClient(app, await people.head()).run(REQUESTS);
    await redis.untilSubscribed(CHANNEL);
    await redis.client.publish('dms:session', '{"action":"REVOKED","userId":17}');
    expect(await operation.next()).toMatchObject({ closed: { code: 4401 } });
    await redis.client.publish('dms:kpis:unit:5', JSON.stringify(messages.kpis({ pendingApprovals: 4 })));
    const figures = useClient(app, await people.admin()).run(
      'subscription { dashboardKpis(unitId: "5") { pendingApprovals } }',
    );
    expect(await figures.data()).toEqual({ dashboardKpis: { pendingApprovals: 4 } });
  },
);

test('while Redis refuses the account, new subscriptions get an error, and old ones go on afterwards', async () => {
  const redis = await useRedis();
  await grant(redis, ...ALL);
  const app = await useApp({ REDIS_URL: liveUrl(redis) });
  const head = useClient(app, await people.head());
  const operation = head.run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare' })));
  expect(idOf(await operation.data())).toBe('bare'); // so the subscription is live
  await redis.client.call('ACL', 'SETUSER', 'live', 'off');
  await redis.client.client('KILL', 'USER', 'live');
  expect(await head.run('subscription { crateUpdated { id } }').codes()).toEqual(['SERVICE_UNAVAILABLE']);
  await usePublisher(redis)(['meanwhile']);
  await grant(redis, 'on');
  expect(idOf(await operation.data())).toBe('meanwhile');
  await untilReady(app);
});

test('if the account may not publish to itself, the warning says exactly that, and everything else works', async () => {
  const redis = await useRedis();
  await grant(redis, ...ALL, '-publish');
  const app = await useApp({ REDIS_URL: liveUrl(redis) });
  const { status } = await untilWarned(app, /PUBLISH to &dms:probe:\*/);
  expect(status).toBe(200);
  await grant(redis, '+publish');
  await untilWarned(app);
});

test('a revoked session ends within the interval even if its revocation is never published', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url, REVOCATION_CHECK_SECONDS: '1' });
  const revoked = useClient(app, await people.head()).run(REQUESTS);
  const other = useClient(app, await people.stranger()).run(REQUESTS);
  await redis.untilSubscribed(CHANNEL);
  await redis.untilSubscribed(OTHER_CHANNEL);
  await redis.client.set('dms:session:revoked:user:17', Math.ceil(Date.now() / 1000));
  expect(await revoked.next()).toMatchObject({ closed: { code: 4401 } });
  await redis.client.publish(OTHER_CHANNEL, JSON.stringify(messages.request({ unitId: 7 }, { id: 'bare' })));
  expect(idOf(await other.data())).toBe('bare');
});

test('while Redis loads its data, new subscriptions get an error, and old ones go on afterwards', async () => {
  const redis = await useRedisProcess({
    appendonly: 'no',
    'key-load-delay': '2000',
    'loading-process-events-interval-bytes': '1024', // so that Redis answers while it loads
  });
  const app = await useApp({ REDIS_URL: redis.url });
  await untilReady(app);
  const head = useClient(app, await people.head());
  const operation = head.run(REQUESTS);
  await until(async () => (await redis.client.pubsub('NUMSUB', CHANNEL))[1] === 1);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare' })));
  expect(idOf(await operation.data())).toBe('bare');
  await redis.client.mset(Object.fromEntries(Array.from({ length: 4000 }, (_, at) => [`key ${at}`, ''])));
  await redis.client.save();
  await redis.kill();
  const started = redis.start();
  await until(async () => (await readReadiness(app)).reason.includes('LOADING'));
  expect(await head.run('subscription { crateUpdated { id } }').codes()).toEqual(['SERVICE_UNAVAILABLE']);
  await started;
  await untilReady(app);
  await redis.client.publish(CHANNEL, JSON.stringify(messages.request({}, { id: 'bare again' })));
  expect(idOf(await operation.data())).toBe('bare again');
}, 120_000);
