/**
 * Users whose ids contain other characters than letters and digits. Each gets the events addressed to that user, and no others.
 */
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { post, subscribed, useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, useResumer } from '../support/resuming.ts';
import { now, signToken } from '../support/tokens.ts';

const MINE = 'subscription { sendBackCreated(mine: true) { id } }';
/** Ids that a careless encoding would confuse with one another, or with a pattern. */
const IDS = [
  'a:b',
  'a%3Ab',
  'a%253Ab',
  'a*',
  '*',
  'auth0|17',
  'name@firm.example',
  '17',
  ' 17',
  'é',
  'e\u0301',
];

const tokenOf = (user_id: string) => signToken({ user_id });
const sendBackTo = (app: App, userId: string, id: string) =>
  publish(app, id, { channel: { kind: 'sendback', userId }, event: messages.sendback() });

test.each([false, true])('get their own send-backs; over Redis: %s', async (isRedis) => {
  const app = await useApp(isRedis ? { REDIS_URL: (await useRedis()).url } : {});
  const followers = [];
  for (const id of IDS) followers.push((await useResumer(app, await tokenOf(id))).run(MINE));
  for (const follower of followers) await follower.position(); // from now on, each gets its events
  await Promise.all(IDS.map((id) => sendBackTo(app, id, `for ${id}`)));
  for (const [index, follower] of followers.entries())
    expect(await follower.next()).toBe(`for ${IDS[index]}`);
  expect(followers.map(({ pending }) => pending)).toEqual(IDS.map(() => 0));
});

test('see their own id, and are revoked by exactly that id', async () => {
  const app = await useApp();
  const token = await tokenOf('a:b');
  const { body } = await post(app, '{ viewer { id } }', { token });
  expect(body.data).toEqual({ viewer: { id: 'a:b' } });
  const open = await subscribed(useClient(app, token), MINE);
  const other = useClient(app, await tokenOf('a%3Ab')).run(MINE);
  await until(() => app.stats().sessions === 2);
  await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 'a:b' }));
  expect(await open.next()).toMatchObject({ closed: { code: 4401 } });
  await sendBackTo(app, 'a%3Ab', 'still there');
  expect(await other.data()).toEqual({ sendBackCreated: { id: 'still there' } });

  await app.bus.write('dms:session:revoked:user:a%3Ab', `${now() + 60}`, 60);
  expect((await post(app, '{ viewer { id } }', { token })).status).toBe(401);
  const others = await post(app, '{ viewer { id } }', { token: await tokenOf('a%3Ab') });
  expect(others.status).toBe(200);
});
