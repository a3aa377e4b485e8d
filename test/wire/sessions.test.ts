/** The lifetime of a session: until its token ends, unless it is renewed, or until it is revoked. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import {
  type EventStream,
  type LiveClient,
  post,
  subscribed,
  useClient,
  useStream,
} from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { now, people, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';
const RENEW = 'mutation ($token: String!) { renewSession(token: $token) { id unitId sessionExpiresAt } }';
const publish = (app: App, topic: string, message: object): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));
const closed = (code: number) => ({ closed: { code } });

async function expectAlive(app: App, operation: { data(): Promise<unknown> }, id: string): Promise<void> {
  await publish(app, 'dms:storage:unit:5', messages.storage({}, { id }));
  expect(await operation.data()).toEqual({ storageUpdated: { id } });
}

/** A stream ends with an error that gives the reason, and then for good. */
async function expectEnded(stream: EventStream): Promise<void> {
  expect((await stream.next())?.data?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect((await stream.next())?.event).toBe('complete');
  expect(await stream.next()).toBeUndefined();
}

describe('expiry', () => {
  test('closes the socket at its time with 4403, and ends a stream with an error', async () => {
    const app = await useApp();
    const exp = now() + 2;
    const token = await signToken({ exp });
    const operation = await subscribed(useClient(app, token), STORAGE);
    const stream = await useStream(app, STORAGE, token);
    await expectAlive(app, operation, 'before');
    expect((await stream.next())?.data).toEqual({ data: { storageUpdated: { id: 'before' } } });
    expect(await operation.next()).toMatchObject(closed(4403));
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    await expectEnded(stream);
    await until(() => app.stats().sessions === 0);
  });
});

describe('renewSession', () => {
  const renew = (client: LiveClient, token: string) => client.run(RENEW, { token });

  test('keeps a socket and its subscriptions open beyond its first token', async () => {
    const app = await useApp();
    const exp = now() + 2;
    const client = useClient(app, await signToken({ exp }));
    const operation = await subscribed(client, STORAGE);
    const longer = now() + 600;
    expect(await renew(client, await signToken({ exp: longer })).data()).toEqual({
      renewSession: { id: '17', unitId: '5', sessionExpiresAt: new Date(longer * 1000).toISOString() },
    });
    // The timer of a later session, which is not renewed, has run. So the timer of the first token would have run, too.
    const witness = useClient(app, await signToken({ exp: exp + 1 })).run(STORAGE);
    expect(await witness.next()).toMatchObject(closed(4403));
    await expectAlive(app, operation, 'after its first exp');
    expect((await client.run('{ viewer { sessionExpiresAt } }').data())['viewer'].sessionExpiresAt).toBe(
      new Date(longer * 1000).toISOString(),
    );
  });

  test('may shorten a session as well', async () => {
    const app = await useApp();
    const client = useClient(app, await people.head());
    const operation = await subscribed(client, STORAGE);
    await renew(client, await signToken({ exp: now() + 1 })).next();
    expect(await operation.next()).toMatchObject(closed(4403));
  });

  test.each<[string, () => Promise<string>, string]>([
    ['another user’s', people.stranger, 'FORBIDDEN'],
    ['no good', async () => 'nonsense', 'UNAUTHENTICATED'],
    ['expired', () => signToken({ exp: now() - 1 }), 'UNAUTHENTICATED'],
    ['a refresh token', () => signToken({ token_type: 'refresh' }), 'UNAUTHENTICATED'],
  ])('with a token that is %s keeps the old session', async (_what, make, code) => {
    const app = await useApp();
    const client = useClient(app, await people.head());
    const operation = await subscribed(client, STORAGE);
    const { sessions } = app.stats();
    expect(await renew(client, await make()).codes()).toEqual([code]);
    await expectAlive(app, operation, 'as before');
    expect((await client.run('{ viewer { id unitId } }').data())['viewer']).toEqual({
      id: '17',
      unitId: '5',
    });
    expect(app.stats().sessions).toBe(sessions);
  });

  test.each<[string, Parameters<typeof signToken>[0]]>([
    ['another unit', { unit_id: 7 }],
    ['no unit', { unit_id: undefined }],
    ['another role', { role: 'QC' }],
    ['the role of an admin', { role: 'System Admin' }],
  ])('with a token of %s closes the socket with 4403', async (_what, claims) => {
    const app = await useApp();
    const client = useClient(app, await people.head());
    const operation = await subscribed(client, STORAGE);
    renew(client, await signToken(claims));
    expect(await operation.next()).toMatchObject(closed(4403));
  });

  test('over HTTP only checks the token', async () => {
    const app = await useApp();
    const token = await people.head();
    const renewed = await post(app, RENEW, {
      token,
      variables: { token: await signToken({ exp: now() + 60 }) },
    });
    expect(renewed.body.data?.['renewSession']).toMatchObject({ id: '17' });
    const refused = await post(app, RENEW, { token, variables: { token: await people.stranger() } });
    expect(refused.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const bad = await post(app, RENEW, { token, variables: { token: 'nonsense' } });
    expect([bad.status, bad.body.errors?.[0]?.extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
    await until(() => app.stats().sessions === 0);
  });
});

describe('revocation', () => {
  test.each<[string, object, number]>([
    ['a user is revoked', { action: 'REVOKED', userId: 17 }, 4401],
    ['a user is revoked, by text', { action: 'REVOKED', userId: '17' }, 4401],
    ['a token is revoked', { action: 'REVOKED', jti: 'his' }, 4401],
    ['a user has changed', { action: 'CHANGED', userId: 17 }, 4403],
  ])(
    'when %s, the sockets and streams of this user or token end at once, and no others',
    async (_what, message, code) => {
      const app = await useApp();
      const his = await signToken({ jti: 'his' });
      const operation = await subscribed(useClient(app, his), STORAGE);
      const stream = await useStream(app, STORAGE, his);
      const colleague = useClient(app, await signToken({ user_id: 18, jti: 'hers' })).run(STORAGE);
      const colleagueStream = await useStream(app, STORAGE, await signToken({ user_id: 18, jti: 'too' }));
      await until(() => app.stats().subscriptions === 4);
      await publish(app, 'dms:session', message);
      expect(await operation.next()).toMatchObject(closed(code));
      await expectEnded(stream);
      await expectAlive(app, colleague, 'undisturbed');
      expect((await colleagueStream.next())?.data).toEqual({
        data: { storageUpdated: { id: 'undisturbed' } },
      });
    },
  );

  test('of one token does not end the user’s other sessions', async () => {
    const app = await useApp();
    const phone = await subscribed(useClient(app, await signToken({ jti: 'phone' })), STORAGE);
    const desk = useClient(app, await signToken({ jti: 'desk' })).run(STORAGE);
    await until(() => app.stats().subscriptions === 2);
    await publish(app, 'dms:session', { action: 'REVOKED', jti: 'phone' });
    expect(await phone.next()).toMatchObject(closed(4401));
    await expectAlive(app, desk, 'still there');
  });

  test('of the new token ends a renewed session, and of the old token does not', async () => {
    const app = await useApp();
    const client = useClient(app, await signToken({ jti: 'first' }));
    const operation = await subscribed(client, STORAGE);
    await client.run(RENEW, { token: await signToken({ jti: 'second' }) }).data();
    await publish(app, 'dms:session', { action: 'REVOKED', jti: 'first' });
    await expectAlive(app, operation, 'not that token any more');
    await publish(app, 'dms:session', { action: 'REVOKED', jti: 'second' });
    expect(await operation.next()).toMatchObject(closed(4401));
  });

  test.each<[string, string, string, number]>([
    ['a user is revoked', 'dms:session:revoked:user:17', `${now() + 3600}`, 4401],
    ['a user has changed', 'dms:session:changed:user:17', `${now() + 3600}`, 4403],
    ['a token is revoked', 'dms:session:revoked:jti:his', '1', 4401],
    ['a key holds no number', 'dms:session:revoked:user:17', 'yes', 4401],
  ])('is remembered by a key: if %s, the token is refused', async (_what, key, value, code) => {
    const app = await useApp();
    await app.bus.write(key, value, 60);
    const token = await signToken({ jti: 'his' });
    expect(await useClient(app, token).run(STORAGE).next()).toMatchObject(closed(code));
    expect((await post(app, '{ viewer { id } }', { token })).status).toBe(401);
    expect((await useStream(app, STORAGE, token)).status).toBe(401);
    const other = await post(app, '{ viewer { id } }', { token: await signToken({ user_id: 18 }) });
    expect(other.status).toBe(200);
    await until(() => app.stats().sessions === 0);
  });

  test('refuses tokens issued up to that second, and accepts later ones', async () => {
    const app = await useApp();
    const moment = now() - 100;
    await app.bus.write('dms:session:changed:user:17', `${moment}`, 60);
    for (const [iat, status] of [
      [moment - 1, 401],
      [moment, 401],
      [moment + 1, 200],
      [undefined, 401],
    ] as const) {
      expect((await post(app, '{ viewer { id } }', { token: await signToken({ iat }) })).status).toBe(status);
    }
  });

  test('of the new token refuses a renewal, and keeps the session', async () => {
    const app = await useApp();
    const client = useClient(app, await people.head());
    const operation = await subscribed(client, STORAGE);
    await app.bus.write('dms:session:revoked:jti:gone', '1', 60);
    expect(await client.run(RENEW, { token: await signToken({ jti: 'gone' }) }).codes()).toEqual([
      'UNAUTHENTICATED',
    ]);
    await expectAlive(app, operation, 'as before');
  });

  test.each([
    '',
    'x',
    '{}',
    '[]',
    'null',
    '{"action":"REVOKED"}',
    '{"action":"CHANGED","jti":"his"}',
    '{"action":"REVOKED","userId":{}}',
  ])('ignores the message %j', async (message) => {
    const app = await useApp();
    const operation = await subscribed(useClient(app, await signToken({ jti: 'his' })), STORAGE);
    await app.bus.publish('dms:session', message);
    await expectAlive(app, operation, 'undisturbed');
  });
});
