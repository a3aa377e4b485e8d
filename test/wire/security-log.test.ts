/** What clients do, and what the security log says of it. */
import { request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { safeArguments } from '../../src/graphql/describe-operation.ts';
import { shortHash } from '../../src/record/security-log.ts';
import { useRecordedApp } from '../support/app.ts';
import { post, useClient, useRawClient, useSignedInRawClient, useStream } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { expectPairs, ofEvent } from '../support/security-lines.ts';
import { now, people, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';
const HEAD = { user: '17', unit: '5', role: 'Section Head' };
const SOCKET = { address: '127.0.0.1', transport: 'websocket' };

test('the lines of a connection say who, from where, what, and how far', async () => {
  const { app, lines } = await useRecordedApp();
  const token = await signToken({ jti: 'a' });
  const client = await useSignedInRawClient(app, token);
  client.send({ id: '1', type: 'subscribe', payload: { query: STORAGE } });
  await until(() => app.stats().subscriptions === 1);
  for (const id of ['e1', 'e2']) {
    await publish(app, id);
    expect(await client.next()).toMatchObject({ type: 'next' });
  }
  client.send({ id: '1', type: 'complete' });
  await until(() => app.stats().subscriptions === 0);
  const query = 'mutation ($token: String!) { renewSession(token: $token) { id } }';
  const variables = { token: await signToken({ jti: 'b' }) };
  client.send({ id: '2', type: 'subscribe', payload: { query, variables } });
  expect(await client.next()).toMatchObject({
    type: 'next',
    payload: { data: { renewSession: { id: '17' } } },
  });
  client.socket.close();
  await until(() => app.stats().sessions === 0);
  await app.close();

  const said = lines.map(
    ({ channel: _c, version: _v, at: _a, process: _p, seq: _s, prev: _r, hash: _h, ...line }) => line,
  );
  const session = expect.stringMatching(/^[0-9a-f]{8}-\w+$/);
  const who = { session, ...HEAD, ...SOCKET, jti: shortHash('a') };
  const storage = { kind: 'subscription', field: 'storageUpdated', reads: '5', document: shortHash(STORAGE) };
  const renewal = { kind: 'mutation', field: 'renewSession', document: shortHash(query) };
  const operation = session;
  const seconds = expect.any(Number);
  const expires = expect.stringMatching(/^\d{4}-/);
  const topic = 'dms:storage:unit:5';
  expect(said).toEqual([
    { event: 'log.opened', chain: 'sha256' },
    { event: 'session.opened', ...who, expires },
    { event: 'operation.started', ...who, operation, ...storage, topic, first: '0-0' },
    {
      event: 'operation.ended',
      ...who,
      operation,
      ...storage,
      topic,
      reason: 'completed',
      seconds,
      first: '0-0',
      last: expect.stringMatching(/^\d+-2$/),
    },
    { event: 'operation.started', ...who, operation, ...renewal },
    { event: 'session.renewed', ...who, jti: shortHash('b'), expires },
    { event: 'operation.ended', ...who, operation, ...renewal, reason: 'completed', seconds },
    { event: 'session.ended', ...who, jti: shortHash('b'), reason: 'closed', seconds },
    { event: 'log.closed' },
  ]);
  expectPairs(lines);
});

test('what is refused leaves a line, over each transport', async () => {
  const { app, lines } = await useRecordedApp({ MAX_DOCUMENT_DEPTH: '2', MAX_SUBSCRIPTIONS_PER_USER: '1' });
  const head = await people.head();
  const forged = `${head.slice(0, -4)}AAAA`;
  const client = useClient(app, head);
  const running = client.run(STORAGE);
  await until(() => app.stats().subscriptions === 1);
  await client.run(STORAGE).codes();
  await client.run('{ nonsense }').codes();
  await client.run('{ viewer ').codes();
  await client.run('subscription { requestUpdated { request { crate { id } } } }').codes();
  await client.run('mutation { renewSession(token: "x") { id } }').codes();
  running.stop();
  await useClient(app, forged).run(STORAGE).next();
  await post(app, '{ viewer { id } }', { token: await signToken({ exp: now() - 5 }) });
  await post(app, STORAGE, { token: head });
  await post(app, '{ __typename }', { headers: { authorization: 'Basic x' } });
  await (await useStream(app, '{ nope }', head)).next();
  await fetch(`${app.url}/graphql?query=mutation{renewSession(token:"x"){id}}`, {
    headers: { authorization: `Bearer ${head}` },
  });
  await fetch(`${app.url}/graphql`, { method: 'DELETE', headers: { 'x-graphql-event-stream-token': 'y' } });
  await fetch(`${app.url}/graphql`, {
    method: 'DELETE',
    headers: { 'x-graphql-event-stream-token': 'y', authorization: `Bearer ${head}` },
  });
  expect(
    ofEvent(lines, 'operation.refused', 'session.refused', 'limit.reached').map((line) =>
      [line.transport, line.user, line.limit ?? line.code ?? line.reason].join(' '),
    ),
  ).toEqual([
    'websocket 17 subscriptions-per-user',
    'websocket 17 LIMIT_EXCEEDED',
    'websocket 17 GRAPHQL_VALIDATION_FAILED',
    'websocket 17 GRAPHQL_PARSE_FAILED',
    'websocket 17 LIMIT_EXCEEDED',
    'websocket  malformed', // the token that was to renew
    'websocket 17 UNAUTHENTICATED',
    'websocket  signature',
    'http  expired',
    'http 17 BAD_USER_INPUT',
    'http  malformed',
    'event stream 17 GRAPHQL_VALIDATION_FAILED',
    'http 17 BAD_USER_INPUT',
    'event stream  missing',
    'event stream 17 BAD_USER_INPUT',
  ]);
});

test('origins, limits of addresses, revocations and unsafe settings have lines of their own', async () => {
  const { app, lines } = await useRecordedApp({
    MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: '1',
    TRUSTED_PROXIES: '127.0.0.1',
    TOKEN_LEEWAY_SECONDS: '300',
    MAX_STRANGERS: '0',
  });
  const { port } = new URL(app.url);
  const from = (address: string, headers: Record<string, string>): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { port, path: '/graphql?query={__typename}', headers: { 'x-forwarded-for': address, ...headers } },
        (response) => response.resume().once('end', resolve),
      );
      sent.on('error', reject).end();
    });
  await from('10.1.2.3', { origin: 'https://evil.example' });
  for (let count = 0; count < 2; count += 1) await from('10.1.2.4', { authorization: 'Bearer a.b.c' });
  const socket = await useSignedInRawClient(app, await signToken({ jti: 'a' }));
  await app.bus.publish('dms:session', '{"action":"REVOKED","jti":"a"}');
  await socket.closed;
  await app.bus.publish('dms:session', '{"action":"CHANGED","userId":"nobody"}');
  await until(() => ofEvent(lines, 'revocation.applied').length === 2);
  expect(
    ofEvent(lines, 'setting.unsafe', 'origin.refused', 'limit.reached', 'revocation.applied').map(
      ({ event, setting, origin, address, limit, action, subject, user, jti, sessions }) =>
        [event, setting, origin, address, limit, action, subject, user ?? jti, sessions]
          .filter((value) => value !== undefined)
          .join(' '),
    ),
  ).toEqual([
    'setting.unsafe TOKEN_LEEWAY_SECONDS',
    'setting.unsafe MAX_STRANGERS',
    'origin.refused https://evil.example 10.1.2.3',
    'limit.reached 10.1.2.4 tokens',
    `revocation.applied revoked token ${shortHash('a')} 1`,
    'revocation.applied changed user nobody 0',
  ]);
  expect(ofEvent(lines, 'session.ended')).toMatchObject([{ reason: 'revoked', user: '17' }]);
});

test('how far a subscription has come is noted now and then, if it has come any further', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  const { app, lines } = await useRecordedApp();
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: '1', type: 'subscribe', payload: { query: STORAGE } });
  await until(() => app.stats().subscriptions === 1);
  await publish(app, 'e1');
  await client.next();
  for (let turn = 0; turn < 3; turn += 1) await vi.advanceTimersByTimeAsync(600_000);
  expect(ofEvent(lines, 'operation.position')).toMatchObject([
    { ...HEAD, field: 'storageUpdated', reads: '5', first: '0-0', last: expect.stringMatching(/^\d+-1$/) },
  ]);
});

test('a socket that floods is named with its user', async () => {
  const { app, lines } = await useRecordedApp({
    MAX_MESSAGES_PER_SECOND: '1',
    MAX_SUBSCRIPTIONS_PER_CONNECTION: '1',
  });
  const client = await useRawClient(app);
  client.send({ type: 'connection_init', payload: { authorization: await people.head() } });
  await client.next();
  for (let count = 0; count < 50; count += 1) client.send({ type: 'ping' });
  await client.closed;
  expect(ofEvent(lines, 'limit.reached')).toMatchObject([{ limit: 'messages', ...HEAD, ...SOCKET }]);
});

test('all who share an execution have lines of their own, and each execution says what it reads', async () => {
  const { app, lines } = await useRecordedApp();
  const colleague = await signToken({ user_id: 18 });
  for (const token of [await people.head(), colleague, await people.stranger()]) {
    const before = app.stats().subscriptions;
    useClient(app, token).run(STORAGE);
    await until(() => app.stats().subscriptions === before + 1);
  }
  expect(app.stats().audiences).toBe(2);
  const started = ofEvent(lines, 'operation.started');
  expect(started).toMatchObject([
    { user: '17', reads: '5', topic: 'dms:storage:unit:5' },
    { user: '18', reads: '5', topic: 'dms:storage:unit:5' },
    { user: '23', reads: '7', topic: 'dms:storage:unit:7' },
  ]);
  expect(new Set(started.map(({ operation }) => operation)).size).toBe(3);
});

test('free text never gets into the log, and what narrows a subscription does', async () => {
  const { app, lines } = await useRecordedApp();
  const client = useClient(app, await people.admin());
  const query =
    'subscription ($id: ID, $unit: ID) { requestUpdated(unitId: $unit, requestId: $id, actions: [APPROVED]) { id } }';
  client.run(query, { id: 'words that somebody typed', unit: '7' });
  client.run(query, { id: '4821' });
  await until(() => app.stats().subscriptions === 2);
  expect(ofEvent(lines, 'operation.started', 'admin.read_other_unit')).toMatchObject([
    { reads: '7', topic: 'dms:request:unit:7', arguments: { actions: ['APPROVED'] }, leftOut: ['requestId'] },
    { event: 'admin.read_other_unit', field: 'requestUpdated', reads: '7' },
    { reads: '*', topic: 'dms:request:unit:*', arguments: { actions: ['APPROVED'], requestId: '4821' } },
    { event: 'admin.read_other_unit', field: 'requestUpdated', reads: '*' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('somebody typed');
});

test('no list that somebody sends makes a line too long for a pipe', async () => {
  const { app, lines } = await useRecordedApp();
  const client = useClient(app, await people.admin());
  const query = 'subscription ($all: [RequestAction!]) { requestUpdated(actions: $all) { id } }';
  client.run(query, { all: ['SENT_BACK', ...Array<string>(1500).fill('APPROVED')] });
  await until(() => app.stats().subscriptions === 1);
  expect(ofEvent(lines, 'operation.started')).toMatchObject([
    { arguments: { actions: ['SENT_BACK', 'APPROVED'] } },
  ]);
  const ids = Array.from({ length: 100 }, (_none, index) => `crate-${index}-${'x'.repeat(20)}`);
  expect(safeArguments({ ids, mine: true })).toEqual({ arguments: { mine: true }, leftOut: ['ids'] });
});
