/** What a program can do that runs the server in its own process: it publishes events, and ends sessions. Over a real Redis. */
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createAppPublisher,
  createLogger,
  createTokenControl,
  readConfig,
  startApp,
} from '../../src/index.ts';
import { post, subscribed, useClient } from '../support/clients.ts';
import { type TestRedis, useRedis } from '../support/redis.ts';
import { STORAGE, useEventStream } from '../support/resuming.ts';
import { people, SECRET, signToken } from '../support/tokens.ts';

const UNIT = { kind: 'storage', unitId: '5' } as const;
const event = (id: string, unitId = 5) => ({
  id,
  action: 'UPDATED' as const,
  occurredAt: '2026-11-22T09:30:00Z',
  locations: [{ id: 70, unitId, roomName: 'R1' }],
});

async function useOwnServer({ url }: TestRedis, more: Record<string, string> = {}) {
  const settings = {
    REDIS_URL: url,
    JWT_SECRET: SECRET,
    PORT: '0',
    SHUTDOWN_SECONDS: '1',
    GRAPHIQL: 'false',
    ...more,
  };
  const config = readConfig({ SECURITY_LOG: 'off', ...settings }, { needsRedis: true });
  const log = createLogger('silent');
  const app = await startApp(config, log);
  onTestFinished(() => app.close());
  return { app, config, tokens: createTokenControl(app, config, log) };
}

describe('the publisher of a server', () => {
  test('appends events, which clients of any server get, also when they resume', async () => {
    const redis = await useRedis();
    const [own, other] = [await useOwnServer(redis), await useOwnServer(redis)];
    const { publish } = createAppPublisher(own.app, own.config);
    const token = await people.head();
    const live = await useEventStream(other.app, STORAGE, token);
    const start = await live.position();
    expect(await publish(UNIT, event('a'))).toMatchObject({ offset: 1 });
    expect(await publish(UNIT, event('a'))).toBeUndefined(); // it was appended before
    expect(await live.next()).toBe('a');
    expect(await (await useEventStream(own.app, STORAGE, token, { after: start })).next()).toBe('a');
  });

  test('has the prefix, the retention and the schema of the server', async () => {
    const redis = await useRedis();
    const SCHEMA = fileURLToPath(new URL('help-desk.graphql', import.meta.url));
    const { app, config } = await useOwnServer(redis, { SCHEMA, TOPIC_PREFIX: 'desk', HISTORY_EVENTS: '1' });
    const { publish } = createAppPublisher<{ readonly ticket: object }>(app, config);
    const ticket = { id: 1, unitId: 5, subject: 'No paper', urgency: 'LOW' };
    const changed = (id: string) => ({ id, changedAt: '2026-11-22T09:30:00Z', ticket });
    for (const id of ['a', 'b']) await publish({ kind: 'ticket', unitId: '5' }, changed(id));
    expect(await redis.client.xlen('desk:{ticket}:unit:5')).toBe(1);
    await expect(publish({ kind: 'ticket', unitId: '7' }, changed('c'))).rejects.toThrow('wrong unit');
  });
});

describe('the control of tokens', () => {
  test('reads a good token, and refuses any other', async () => {
    const { tokens } = await useOwnServer(await useRedis());
    expect(await tokens.identify(await signToken({ jti: 'mine', name: 'Ada' }))).toMatchObject({
      viewer: { id: '17', name: 'Ada', unitId: '5', role: 'Section Head' },
      tokenId: 'mine',
    });
    await expect(tokens.identify(await signToken({ exp: 1 }))).rejects.toMatchObject({ fault: 'expired' });
    await expect(tokens.identify(await signToken({ token_type: 'refresh' }))).rejects.toMatchObject({
      fault: 'invalid',
    });
  });

  test('ends the sessions of one token on every server, and refuses it from then on', async () => {
    const redis = await useRedis();
    const [own, other] = [await useOwnServer(redis), await useOwnServer(redis)];
    const [token, second] = [await signToken({ jti: 'first' }), await signToken({ jti: 'second' })];
    const open = await subscribed(useClient(other.app, token), STORAGE);
    const kept = await useEventStream(other.app, STORAGE, second);
    await kept.position();
    const identity = await own.tokens.identify(token);
    await own.tokens.check(identity);
    await own.tokens.revoke(identity);
    expect(await open.next()).toMatchObject({ closed: { code: 4401 } });
    for (const ask of [() => own.tokens.check(identity), () => other.tokens.identify(token)])
      await expect(ask()).rejects.toMatchObject({ name: 'SessionError', fault: 'revoked' });
    expect((await post(other.app, '{ viewer { id } }', { token })).status).toBe(401);
    expect((await own.tokens.identify(second)).tokenId).toBe('second');
    expect(kept.pending).toBe(0);
  });

  test('records nothing for a token that has no id, or that has expired anyway', async () => {
    const redis = await useRedis();
    const { tokens } = await useOwnServer(redis);
    await tokens.revoke({ tokenId: null, expiresAt: Date.now() / 1000 + 60 });
    await tokens.revoke({ tokenId: 'old', expiresAt: Date.now() / 1000 - 1 });
    expect(await redis.client.exists('dms:{session}:revocations')).toBe(0);
  });

  test('is not for tokens that somebody else issues', async () => {
    const keys = { JWT_SECRET: '', JWT_JWKS_URL: 'http://127.0.0.1:1/keys' };
    await expect(useOwnServer(await useRedis(), keys)).rejects.toThrow(TypeError);
  });
});
