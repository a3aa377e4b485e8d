/** The reason for a refused token: the operator finds it in the log and in a metric. Clients learn no more than before. */
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { TOKEN_REFUSALS, type TokenRefusal } from '../../src/auth/refused-token.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { post, useClient, useStream } from '../support/clients.ts';
import { readMetrics } from '../support/metrics.ts';
import { json, useProfileEndpoint } from '../support/profiles.ts';
import { now, SECRET, signToken } from '../support/tokens.ts';

const QUERY = '{ viewer { id } }';
const RENEW = 'mutation ($token: String!) { renewSession(token: $token) { id } }';
const STRICT = { JWT_ISSUER: 'dms', JWT_AUDIENCE: 'live' };
const signStrict: typeof signToken = (claims) => signToken({ iss: 'dms', aud: 'live', ...claims });

const signWith = (secret: string, alg: string): Promise<string> =>
  new SignJWT({ token_type: 'access', user_id: 17, exp: now() + 60 })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));

/** The log lines about refused tokens. */
function refusalsIn(lines: readonly string[]) {
  return lines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ msg }) => String(msg).startsWith('a token was refused'));
}

const counted = async (app: App, reason: TokenRefusal) =>
  (await readMetrics(app)).get(`dms_live_refused_tokens_total{reason="${reason}"}`);

describe('the reason for a refused token is in the log, and nowhere else', () => {
  test.each<[TokenRefusal, RegExp, () => string | Promise<string>]>([
    ['malformed', /no JWT/, () => 'nonsense'],
    ['malformed', /longer than/, () => 'x'.repeat(16_385)],
    ['algorithm', /algorithm/, () => signWith(SECRET.repeat(2), 'HS512')],
    [
      'signature',
      /not signed by this key/,
      () => signWith('another secret, as long as HS256 wants it', 'HS256'),
    ],
    ['issuer', /"iss" is "another"/, () => signStrict({ iss: 'another' })],
    ['issuer', /"iss" is missing/, () => signStrict({ iss: undefined })],
    ['audience', /"aud" is "app"/, () => signStrict({ aud: 'app' })],
    ['not-yet-valid', /"nbf" is \d+ s ahead/, () => signStrict({ nbf: now() + 60 })],
    ['issued-in-future', /"iat" is \d+ s ahead/, () => signStrict({ iat: now() + 60 })],
    ['expired', /"exp" is \d+ s ago/, () => signStrict({ exp: now() - 60 })],
    ['token-type', /token_type/, () => signStrict({ token_type: 'refresh' })],
    ['claim', /"exp" is missing/, () => signStrict({ exp: undefined })],
    ['claim', /"user_id" is missing/, () => signStrict({ user_id: undefined })],
    ['claim', /"user_id" can be no/, () => signStrict({ user_id: 'a\nb' })],
    ['claim', /"unit_id" can be no/, () => signStrict({ unit_id: '*' })],
  ])('%s: %s', async (reason, detail, make) => {
    const { app, lines } = await useTalkativeApp(STRICT);
    const token = await make();
    const outcome = await useClient(app, token).run(QUERY).next();
    const code = reason === 'expired' ? 4403 : 4401;
    const message = reason === 'expired' ? 'has expired' : 'is not valid';
    expect(outcome).toEqual({ closed: { code, reason: expect.stringContaining(message) } });
    const [line] = refusalsIn(lines);
    expect(line).toMatchObject({ reason, detail: expect.stringMatching(detail) });
    expect(line?.['level']).toBeGreaterThanOrEqual(30); // so it is shown by default
    expect(lines.join('')).not.toContain(token.slice(-20));
    expect(await counted(app, reason)).toBe(1);
  });

  test('in every way: WebSocket, HTTP, SSE, and renewals over each', async () => {
    const { app, lines } = await useTalkativeApp();
    const good = await signToken();
    const token = await signToken({ nbf: now() + 60 });
    await useClient(app, token).run(QUERY).next();
    await post(app, QUERY, { token });
    await useStream(app, 'subscription { storageUpdated { id } }', token);
    await useClient(app, good).run(RENEW, { token }).next();
    await post(app, RENEW, { token: good, variables: { token } });
    expect(await counted(app, 'not-yet-valid')).toBe(5);
    expect(refusalsIn(lines).map(({ level }) => level)).toEqual([40, 20, 20, 20, 20]);
  });

  test('also for values that are no token at all', async () => {
    const { app, lines } = await useTalkativeApp();
    await post(app, QUERY, { headers: { authorization: 'Basic YTpi' } });
    await useClient(app, '').run(QUERY).next();
    await useClient(app, 'a b').run(QUERY).next();
    expect(refusalsIn(lines).map(({ reason }) => reason)).toEqual(['malformed', 'malformed', 'malformed']);
    expect((await post(app, QUERY)).status).toBe(401); // a missing token is not counted as a refused one
  });

  test('if the token was revoked or its user has changed', async () => {
    const { app, lines } = await useTalkativeApp();
    await app.bus.write('dms:session:revoked:jti:gone', '1', 60);
    await app.bus.write('dms:session:changed:user:18', `${now()}`, 60);
    await post(app, QUERY, { token: await signToken({ jti: 'gone' }) });
    await post(app, QUERY, { token: await signToken({ user_id: 18, iat: now() - 1 }) });
    expect(refusalsIn(lines)).toMatchObject([
      { reason: 'revoked', userId: '17' },
      { reason: 'changed', userId: '18' },
    ]);
  });

  test('if the profile’s endpoint refuses it', async () => {
    const endpoint = await useProfileEndpoint(json({}, 403));
    const { app, lines } = await useTalkativeApp({ PROFILE_URL: endpoint.url });
    expect((await post(app, QUERY, { token: await signToken() })).status).toBe(401);
    expect(refusalsIn(lines)).toMatchObject([{ reason: 'profile', detail: 'status 403' }]);
  });

  test('garbage of strangers causes one line for each reason, and each piece is counted', async () => {
    const { app, lines } = await useTalkativeApp();
    for (let count = 0; count < 50; count += 1) await post(app, QUERY, { token: `garbage-${count}` });
    const shown = refusalsIn(lines).filter(({ level }) => Number(level) >= 30);
    expect(shown).toHaveLength(1);
    expect(await counted(app, 'malformed')).toBe(50);
  });

  test('every reason is a series from the start, and there are no others', async () => {
    const app = await useApp();
    const reasons = [...(await readMetrics(app)).keys()].filter((name) => name.includes('refused_tokens'));
    expect(reasons).toEqual(
      TOKEN_REFUSALS.map((reason) => `dms_live_refused_tokens_total{reason="${reason}"}`),
    );
  });
});

describe('clocks that differ by a few seconds', () => {
  const accepts = async (app: App, claims: Parameters<typeof signToken>[0]): Promise<number> =>
    (await post(app, QUERY, { token: await signToken(claims) })).status;

  test('cause no refusal within the leeway of 5 seconds, and do cause one far beyond it', async () => {
    const app = await useApp({ TOKEN_LEEWAY_SECONDS: '' });
    for (const claims of [{ nbf: now() + 4 }, { iat: now() + 4 }, { exp: now() - 3 }])
      expect([claims, await accepts(app, claims)]).toEqual([claims, 200]);
    for (const claims of [{ nbf: now() + 60 }, { iat: now() + 60 }, { exp: now() - 60 }])
      expect([claims, await accepts(app, claims)]).toEqual([claims, 401]);
  });

  test('a session lasts as long as its token is accepted, and reports when the token ends', async () => {
    const app = await useApp({ TOKEN_LEEWAY_SECONDS: '4' });
    const exp = now() - 1;
    const operation = useClient(app, await signToken({ exp }));
    const ended = operation.run('subscription { storageUpdated { id } }');
    const viewer = await operation.run('{ viewer { sessionExpiresAt } }').data();
    expect(viewer['viewer'].sessionExpiresAt).toBe(new Date(exp * 1000).toISOString());
    expect(await ended.next()).toMatchObject({ closed: { code: 4403 } });
    expect(Date.now()).toBeGreaterThanOrEqual((exp + 4) * 1000);
  });
});
