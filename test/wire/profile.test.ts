/**
 * A DMS that cannot change its tokens: unit and role come from its profile endpoint. The server asks it with the user's token.
 */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { post, subscribed, useClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { type Answer, json, type ProfileEndpoint, profile, useProfileEndpoint } from '../support/profiles.ts';
import { freePort } from '../support/redis.ts';
import { now, signToken, type TokenClaims } from '../support/tokens.ts';

const VIEWER = '{ viewer { id name unitId role isAdmin } }';
const STORAGE = 'subscription { storageUpdated { id } }';
const HEAD = { id: '17', name: 'Ada', unitId: '5', role: 'Section Head', isAdmin: false };

/** A token as Simple JWT issues it without any changes. */
const stockToken = (claims: { [Claim in keyof TokenClaims]: TokenClaims[Claim] | undefined } = {}) =>
  signToken({ unit_id: undefined, role: undefined, ...claims });

async function useProfiledApp(
  first?: Answer,
  settings: Record<string, string> = {},
): Promise<{ app: App; endpoint: ProfileEndpoint }> {
  const endpoint = await useProfileEndpoint(first);
  return { endpoint, app: await useApp({ PROFILE_URL: endpoint.url, ...settings }) };
}

/** The viewer of a token, over a WebSocket; or the code with which its socket was closed. */
async function whoIs(app: App, token: string): Promise<unknown> {
  const outcome = await useClient(app, token).run(VIEWER).next();
  return 'closed' in outcome ? outcome.closed.code : 'result' in outcome && outcome.result.data?.['viewer'];
}

const notify = (app: App, message: object): Promise<void> =>
  app.bus.publish('dms:session', JSON.stringify(message));

describe('a profile', () => {
  test('gives unit, role and name, over every transport; the token is sent to it once', async () => {
    const { app, endpoint } = await useProfiledApp();
    const token = await stockToken();
    expect(await whoIs(app, token)).toEqual(HEAD);
    expect((await post(app, VIEWER, { token })).body.data?.['viewer']).toEqual(HEAD);
    const operation = await subscribed(useClient(app, token), STORAGE);
    const stream = await useStream(app, STORAGE, token);
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'theirs' })));
    expect(await operation.data()).toEqual({ storageUpdated: { id: 'theirs' } });
    expect((await stream.next())?.data).toEqual({ data: { storageUpdated: { id: 'theirs' } } });
    expect(endpoint.asked).toEqual([token]);
  });

  test('overrides the claims of the token', async () => {
    const { app } = await useProfiledApp(json({ id: 17 }));
    const token = await signToken({ unit_id: 7, role: 'System Admin', name: 'Eve' });
    expect(await whoIs(app, token)).toEqual({
      id: '17',
      name: null,
      unitId: null,
      role: null,
      isAdmin: false,
    });
  });

  test('may make a user a System Admin', async () => {
    const { app } = await useProfiledApp(json({ role: 'System Admin' }));
    expect(await whoIs(app, await stockToken())).toMatchObject({ id: '17', unitId: null, isAdmin: true });
  });

  test('may use other field names, and nest them', async () => {
    const { app } = await useProfiledApp(
      json({
        user: { pk: '17', username: 'ada' },
        'unit.code': 'no',
        unit: { code: 'north-1' },
        job: { title: 'QC' },
      }),
      {
        PROFILE_USER: 'user.pk',
        PROFILE_UNIT: 'unit.code',
        PROFILE_ROLE: 'job.title',
        PROFILE_NAME: 'user.username',
      },
    );
    const viewer = { id: '17', name: 'ada', unitId: 'north-1', role: 'QC', isAdmin: false };
    expect(await whoIs(app, await stockToken())).toEqual(viewer);
  });

  test.each<[string, unknown]>([
    ['null', { id: 17, unit_id: null }],
    ['empty', { id: 17, unit_id: '' }],
    ['nowhere', {}],
  ])('may contain no unit: if the unit is %s, the user sees no events', async (_where, answer) => {
    const { app } = await useProfiledApp(json(answer));
    const client = useClient(app, await stockToken());
    expect((await client.run(VIEWER).data())['viewer']).toMatchObject({ id: '17', unitId: null });
    expect(await client.run(STORAGE).codes()).toEqual(['FORBIDDEN']);
  });
});

describe('the endpoint is asked', () => {
  test('once for a token, even if many clients connect with it at the same time', async () => {
    let reply = (): void => undefined;
    const { app, endpoint } = await useProfiledApp((response, request) => {
      reply = () => json(profile.head)(response, request);
    });
    const token = await stockToken();
    const answers = Array.from({ length: 20 }, () => whoIs(app, token));
    await endpoint.untilAsked();
    reply();
    expect(await Promise.all(answers)).toEqual(Array(20).fill(HEAD));
    expect(endpoint.asked).toEqual([token]);
  });

  test('for each token of a user', async () => {
    const { app, endpoint } = await useProfiledApp();
    const tokens = [await stockToken(), await stockToken()];
    for (const token of [...tokens, ...tokens]) expect(await whoIs(app, token)).toEqual(HEAD);
    expect(endpoint.asked).toEqual(tokens);
  });

  test('not for an invalid token', async () => {
    const { app, endpoint } = await useProfiledApp();
    expect(await whoIs(app, `${await stockToken()}x`)).toBe(4401);
    expect(await whoIs(app, await stockToken({ token_type: 'refresh' }))).toBe(4401);
    expect(await whoIs(app, await stockToken({ exp: now() - 1 }))).toBe(4403);
    expect(endpoint.asked).toEqual([]);
  });

  test('and its answer is not used longer than the token lasts', async () => {
    const { app, endpoint } = await useProfiledApp();
    const token = await stockToken({ exp: now() + 2 });
    const operation = await subscribed(useClient(app, token), STORAGE);
    expect(await operation.next()).toMatchObject({ closed: { code: 4403 } });
    expect(await whoIs(app, token)).toBe(4403);
    expect(endpoint.asked).toEqual([token]);
  });

  test('again when a token is renewed: another unit then ends the session', async () => {
    const { app, endpoint } = await useProfiledApp();
    const client = useClient(app, await stockToken());
    const operation = await subscribed(client, STORAGE);
    endpoint.answer(json(profile.moved));
    client.run('mutation ($token: String!) { renewSession(token: $token) { id } }', {
      token: await stockToken(),
    });
    expect(await operation.next()).toMatchObject({ closed: { code: 4403 } });
  });

  test('again for the profile used longest ago, once more are stored than the limit allows', async () => {
    const { app, endpoint } = await useProfiledApp(undefined, { MAX_PROFILES: '2' });
    const [a, b, c] = [await stockToken(), await stockToken(), await stockToken()];
    for (const token of [a, b, a, c, a, b]) expect(await whoIs(app, token)).toEqual(HEAD);
    expect(endpoint.asked).toEqual([a, b, c, b]);
  });
});

describe('a profile is forgotten', () => {
  test.each([
    ['its user has changed', { action: 'CHANGED', userId: 17 }],
    ['its user was revoked', { action: 'REVOKED', userId: 17 }],
    ['its token was revoked', { action: 'REVOKED', jti: 'his' }],
  ])('when %s, and no other profile is', async (_what, message) => {
    const { app, endpoint } = await useProfiledApp((response, request) => {
      const [, payload = ''] = request.headers.authorization?.split('.') ?? [];
      const { user_id } = JSON.parse(String(Buffer.from(payload, 'base64url')));
      json({ id: user_id, unit_id: 5 })(response, request);
    });
    const his = await stockToken({ jti: 'his' });
    const hers = await stockToken({ user_id: 18 });
    const operation = await subscribed(useClient(app, his), STORAGE);
    expect(await whoIs(app, hers)).toMatchObject({ id: '18', unitId: '5' });
    await notify(app, message);
    expect(await operation.next()).toHaveProperty('closed');
    endpoint.answer(json(profile.moved));
    expect(await whoIs(app, his)).toMatchObject({ id: '17', unitId: '7' });
    expect(await whoIs(app, hers)).toMatchObject({ id: '18', unitId: '5' });
    expect(endpoint.asked).toEqual([his, hers, his]);
  });

  test('also while it is being read: an answer from before the change is not used', async () => {
    let reply = (): void => undefined;
    const { app, endpoint } = await useProfiledApp((response, request) => {
      reply = () => json(profile.head)(response, request);
    });
    const answer = whoIs(app, await stockToken());
    await endpoint.untilAsked();
    await notify(app, { action: 'CHANGED', userId: 17 });
    endpoint.answer(json(profile.moved));
    reply();
    expect(await answer).toMatchObject({ id: '17', unitId: '7' });
    expect(endpoint.asked.length).toBe(2);
  });

  test('when the server may have missed messages', async () => {
    const endpoint = await useProfileEndpoint();
    const returns: (() => void)[] = [];
    const bus = {
      ...createMemoryBus(),
      onReconnect(listener: () => void) {
        returns.push(listener);
        return () => undefined;
      },
    };
    const app = await useApp({ PROFILE_URL: endpoint.url }, { bus });
    const token = await stockToken();
    expect(await whoIs(app, token)).toEqual(HEAD);
    for (const report of returns) report();
    endpoint.answer(json(profile.moved));
    expect(await whoIs(app, token)).toMatchObject({ unitId: '7' });
  });
});

describe('an endpoint', () => {
  test.each([401, 403])('that answers %i refuses the token, and is asked again next time', async (status) => {
    const { app, endpoint } = await useProfiledApp(json({ detail: 'no' }, status));
    const token = await stockToken();
    expect(await whoIs(app, token)).toBe(4401);
    const { status: refused, body } = await post(app, VIEWER, { token });
    expect([refused, body.errors?.[0]?.extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
    endpoint.answer(json(profile.head));
    expect(await whoIs(app, token)).toEqual(HEAD);
  });

  const elsewhere: Answer = (response) => response.writeHead(302, { location: '/api/me' }).end();
  const huge: Answer = (response) => response.writeHead(200).end(`"${'x'.repeat(70_000)}"`);
  const endless: Answer = (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  };
  const broken: Answer = (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"id":');
    response.destroy();
  };
  test.each<[string, Answer]>([
    ['fails', json({}, 500)],
    ['is not there', json({}, 404)],
    ['limits how often it is asked', json({}, 429)],
    ['answers another status of success', json(profile.head, 206)],
    ['leads elsewhere', elsewhere],
    ['breaks off', (response) => response.destroy()],
    ['breaks off its answer', broken],
    ['does not answer', () => undefined],
    ['does not finish', (response) => response.writeHead(200).write('{')],
    ['answers too much', huge],
    ['does not stop answering', endless],
    ['answers nothing', (response) => response.end()],
    ['answers no JSON', (response) => response.end('<!doctype html>')],
    ['answers a list', json([profile.head])],
    ['answers null', json(null)],
    ['answers for another user', json({ ...profile.head, id: 18 })],
    ['answers for somebody who can be no user', json({ ...profile.head, id: '*' })],
    ['names a unit that can be none', json({ ...profile.head, unit_id: '*' })],
    ['names a unit as an object', json({ ...profile.head, unit_id: { id: 5 } })],
  ])('that %s is our trouble and not the token’s: 1013 and 503, until it recovers', async (_how, answer) => {
    const { app, endpoint } = await useProfiledApp(answer, { PROFILE_TIMEOUT_MS: '1000' });
    const token = await stockToken();
    expect(await whoIs(app, token)).toBe(1013);
    const { status, body } = await post(app, VIEWER, { token });
    expect([status, body.errors?.[0]?.extensions]).toEqual([503, { code: 'SERVICE_UNAVAILABLE' }]);
    expect(endpoint.asked).toEqual([token, token]);
    endpoint.answer(json(profile.head));
    expect(await whoIs(app, token)).toEqual(HEAD);
  });

  test('that does not exist is our trouble, too', async () => {
    const app = await useApp({ PROFILE_URL: `http://127.0.0.1:${await freePort()}/me/` });
    expect(await whoIs(app, await stockToken())).toBe(1013);
  });

  test('is asked for the profiles of a crowd in small groups, and all clients are answered', async () => {
    let atOnce = 0;
    let most = 0;
    const { app, endpoint } = await useProfiledApp((response, request) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      setImmediate(() => {
        atOnce -= 1;
        json(profile.head)(response, request);
      });
    });
    const tokens = await Promise.all(Array.from({ length: 200 }, () => stockToken()));
    const answers = await Promise.all(tokens.map((token) => post(app, VIEWER, { token })));
    expect(answers.map(({ body }) => body.data?.['viewer'])).toEqual(Array(200).fill(HEAD));
    expect(endpoint.asked.length).toBe(200);
    expect(most).toBeLessThanOrEqual(32);
  });

  test('that did not answer a crowd is asked again once it recovers', async () => {
    const { app, endpoint } = await useProfiledApp(() => undefined, { PROFILE_TIMEOUT_MS: '1000' });
    const tokens = await Promise.all(Array.from({ length: 40 }, () => stockToken()));
    const answers = await Promise.all(tokens.map((token) => post(app, VIEWER, { token })));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(503));
    endpoint.answer(json(profile.head));
    expect(await whoIs(app, await stockToken())).toEqual(HEAD);
  });

  test('that does not answer does not keep the server from stopping', async () => {
    const { app, endpoint } = await useProfiledApp(() => undefined, { PROFILE_TIMEOUT_MS: '60000' });
    const answer = whoIs(app, await stockToken());
    await endpoint.untilAsked();
    await app.close();
    expect(await answer).toBe(1012);
  });
});

test('the log reports once that profiles cannot be read, and once that they can again, and contains no token', async () => {
  const endpoint = await useProfileEndpoint();
  const { app, lines } = await useTalkativeApp({ PROFILE_URL: endpoint.url });
  const tokens = [await stockToken(), await stockToken(), await stockToken()];
  const [first = '', second = '', third = ''] = tokens;
  endpoint.answer((response) => response.end(`no JSON: ${first}`));
  for (const token of [first, second, first]) expect(await whoIs(app, token)).toBe(1013);
  endpoint.answer(json(profile.head));
  for (const token of [first, second, third]) expect(await whoIs(app, token)).toEqual(HEAD);
  const said = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /profile/.test(msg));
  expect(said.map(({ level, reason }) => [level, reason])).toEqual([
    [40, 'an answer that is not JSON'],
    [30, undefined],
  ]);
  const secrets = new RegExp(tokens.flatMap((token) => token.split('.').slice(1)).join('|'));
  expect(lines.join('')).not.toMatch(secrets);
});

describe('a user without a unit is logged once, with the setting to change', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['of a claim', { CLAIM_UNIT: 'department' }, /claim "department".*CLAIM_UNIT.*PROFILE_URL/],
    ['of a field', { PROFILE_UNIT: 'unit.id' }, /field "unit\.id".*PROFILE_UNIT/],
  ])('%s', async (what, settings, hint) => {
    const endpoint = await useProfileEndpoint(json({}));
    const { app, lines } = await useTalkativeApp({
      ...settings,
      ...(what === 'of a field' && { PROFILE_URL: endpoint.url }),
    });
    const tokens = [await stockToken(), await stockToken({ user_id: 18 })];
    for (const token of tokens) expect(await whoIs(app, token)).toMatchObject({ unitId: null });
    const warnings = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /without a unit/.test(msg));
    expect(warnings).toMatchObject([
      { level: 40, userId: '17', msg: expect.stringMatching(hint) },
      { level: 20, userId: '18' },
    ]);
    expect(lines.join('')).not.toMatch(tokens.map((token) => token.split('.')[1]).join('|'));
  });

  test('but not for a System Admin, who needs no unit', async () => {
    const { app, lines } = await useTalkativeApp({});
    expect(await whoIs(app, await stockToken({ role: 'System Admin' }))).toMatchObject({ isAdmin: true });
    expect(lines.join('')).not.toContain('without a unit');
  });
});
