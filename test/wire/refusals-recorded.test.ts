/** Whatever the server refuses leaves a line in the security log: the right one, with the user where one is known, and the address. */
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/log.ts';
import type { EventName, SecurityLine } from '../../src/record/schema.ts';
import { post, type RawClient, useRawClient, useSignedInRawClient } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { readSecurityLine } from '../support/security-lines.ts';
import { now, people, SECRET, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';
/** A document that asks for the schema. */
const SCHEMA = '{ __schema { queryType { name } } }';
const STREAM = 'x-graphql-event-stream-token';

const lines: SecurityLine[] = [];
let app: App;
let token: string;

beforeAll(async () => {
  token = await people.head();
  const settings = {
    JWT_SECRET: SECRET,
    PORT: '0',
    SHUTDOWN_SECONDS: '0',
    GRAPHIQL: 'false',
    INTROSPECTION: 'false',
    MAX_MESSAGE_BYTES: '20000',
    MAX_MESSAGES_PER_SECOND: '10',
    MAX_SUBSCRIPTIONS_PER_CONNECTION: '1',
    MAX_CONNECTIONS_PER_USER: '2',
    MAX_DOCUMENT_DEPTH: '4',
  };
  app = await startApp(readConfig(settings, { needsRedis: false }), createLogger('silent'), {
    securityLines: () => ({
      write: (line) => void lines.push(readSecurityLine(line)),
      close: () => Promise.resolve(),
    }),
  });
});
afterAll(() => app.close());

const EVENTS: readonly EventName[] = [
  'session.refused',
  'operation.refused',
  'limit.reached',
  'origin.refused',
];

/** `operation.refused websocket 17 FORBIDDEN` */
function describeLine({ event, transport, user, limit, code, reason, origin, address }: SecurityLine) {
  expect(address).toBe('127.0.0.1');
  return [event, transport, user, limit ?? code ?? reason ?? origin].filter(Boolean).join(' ');
}

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const send = ({ path = '/graphql', ...request }: Request): Promise<Response> =>
  fetch(`${app.url}${path}`, request);
const signedIn = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...headers });
const json = { 'content-type': 'application/json', accept: 'application/json' };

async function overSocket(...messages: readonly unknown[]): Promise<RawClient> {
  const client = await useRawClient(app);
  for (const message of messages) client.send(message);
  await client.closed;
  return client;
}

async function overSignedIn(...messages: readonly unknown[]): Promise<void> {
  const client = await useSignedInRawClient(app, token);
  for (const message of messages) client.send(message);
  await client.closed;
}

/** Runs one operation over a socket, to its error. */
async function operation(query: string, variables?: object): Promise<void> {
  const client = await useSignedInRawClient(app, token);
  client.send({ id: '1', type: 'subscribe', payload: { query, variables } });
  await client.next();
  client.socket.close();
  await client.closed;
}

const stream = (headers: Record<string, string>, body: unknown): Promise<Response> =>
  send({
    method: 'POST',
    headers: { ...json, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const many = { accept: 'text/event-stream; operations=many' };
const reserve = async (): Promise<string> => (await send({ method: 'PUT', headers: signedIn() })).text();
const init = (authorization?: unknown) => ({ type: 'connection_init', payload: { authorization } });
const subscribe = { id: '1', type: 'subscribe', payload: { query: STORAGE } };

type Case = readonly [name: string, act: () => Promise<unknown>, ...expected: readonly string[]];

const SIGNING_IN: readonly Case[] = [
  ['HTTP, no token', () => post(app, '{ viewer { id } }'), 'operation.refused http UNAUTHENTICATED'],
  ['HTTP, another scheme', () => stream({ authorization: 'Basic x' }, {}), 'session.refused http malformed'],
  [
    'HTTP, a forged token',
    () => stream({ authorization: `Bearer ${token}x` }, {}),
    'session.refused http signature',
  ],
  [
    'HTTP, an expired token',
    async () => post(app, '{ viewer { id } }', { token: await signToken({ exp: now() - 9 }) }),
    'session.refused http expired',
  ],
  [
    'event stream, no token',
    () => stream({ accept: 'text/event-stream' }, { query: STORAGE }),
    'operation.refused event stream UNAUTHENTICATED',
  ],
  [
    'event stream, a forged token',
    () => stream({ accept: 'text/event-stream', authorization: 'Bearer a.b.c' }, {}),
    'session.refused event stream malformed',
  ],
  ['many operations, no token', () => stream(many, []), 'session.refused event stream missing'],
  ['a reserved stream, no token', () => send({ method: 'PUT' }), 'session.refused event stream missing'],
  ['socket, no token', () => overSocket(init()), 'session.refused websocket missing'],
  ['socket, a token that is none', () => overSocket(init(5)), 'session.refused websocket malformed'],
  ['socket, a forged token', () => overSocket(init(`${token}x`)), 'session.refused websocket signature'],
  [
    'socket, a subscription before signing in',
    () => overSocket(subscribe),
    'operation.refused websocket 4401',
  ],
  [
    'socket, a renewal with another user’s token',
    async () =>
      operation('mutation ($token: String!) { renewSession(token: $token) { id } }', {
        token: await people.admin(),
      }),
    'operation.refused websocket 17 FORBIDDEN',
  ],
  [
    'socket, a renewal with a forged token',
    () => operation('mutation { renewSession(token: "x") { id } }'),
    'session.refused websocket malformed',
    'operation.refused websocket 17 UNAUTHENTICATED',
  ],
];

const OPERATIONS: readonly Case[] = [
  [
    'another unit',
    () => operation('subscription { storageUpdated(unitId: "7") { id } }'),
    'operation.refused websocket 17 FORBIDDEN',
  ],
  [
    'another unit, HTTP',
    () => post(app, '{ dashboardKpis(unitId: "7") { unitId } }', { token }),
    'operation.refused http 17 FORBIDDEN',
  ],
  [
    'another unit, event stream',
    () =>
      stream(signedIn({ accept: 'text/event-stream' }), {
        query: 'subscription { storageUpdated(unitId: "7") { id } }',
      }),
    'operation.refused event stream 17 FORBIDDEN',
  ],
  [
    'a role',
    () => operation('subscription { auditLogged { id } }'),
    'operation.refused websocket 17 FORBIDDEN',
  ],
  [
    'a field of a role',
    () => operation('subscription { auditLogged { entry { ipAddress } } }'),
    'operation.refused websocket 17 FORBIDDEN',
  ],
  [
    'a unit that is none',
    () => operation('subscription { storageUpdated(unitId: "*") { id } }'),
    'operation.refused websocket 17 BAD_USER_INPUT',
  ],
  ['the schema', () => operation(SCHEMA), 'operation.refused websocket 17 GRAPHQL_VALIDATION_FAILED'],
  ['the schema, by a stranger', () => post(app, SCHEMA), 'operation.refused http GRAPHQL_VALIDATION_FAILED'],
  [
    'an unknown field',
    () => operation('{ users }'),
    'operation.refused websocket 17 GRAPHQL_VALIDATION_FAILED',
  ],
  ['no document', () => operation('{ viewer '), 'operation.refused websocket 17 GRAPHQL_PARSE_FAILED'],
  [
    'a deep document',
    () => operation('subscription { requestUpdated { request { crate { storage { id } } } } }'),
    'operation.refused websocket 17 LIMIT_EXCEEDED',
  ],
  [
    'a forged cursor',
    async () => {
      const client = await useSignedInRawClient(app, token);
      client.send({ ...subscribe, payload: { query: STORAGE, extensions: { after: 'x' } } });
      await client.next();
      client.socket.close();
      await client.closed;
    },
    'operation.refused websocket 17 CURSOR_EXPIRED',
  ],
  [
    'an unknown document',
    () => stream(signedIn(), { documentId: 'f'.repeat(64) }),
    'operation.refused http 17 UNTRUSTED_DOCUMENT',
  ],
  [
    'a mutation by GET',
    () => send({ path: '/graphql?query=mutation{renewSession(token:"x"){id}}', headers: signedIn() }),
    'operation.refused http 17 BAD_USER_INPUT',
  ],
  [
    'a subscription without a stream',
    () => post(app, STORAGE, { token }),
    'operation.refused http 17 BAD_USER_INPUT',
  ],
];

const REQUESTS: readonly Case[] = [
  [
    'another method',
    () => send({ method: 'PATCH', headers: signedIn() }),
    'operation.refused http 17 BAD_USER_INPUT',
  ],
  [
    'another type of content',
    () => send({ method: 'POST', headers: signedIn({ 'content-type': 'text/plain' }), body: 'x' }),
    'operation.refused http 17 415',
  ],
  ['a body that is no JSON', () => stream(signedIn(), '{'), 'operation.refused http 17 BAD_USER_INPUT'],
  [
    'a body that is too large',
    () => stream(signedIn(), JSON.stringify({ query: 'x'.repeat(30_000) })),
    'operation.refused http 17 LIMIT_EXCEEDED',
  ],
  [
    'a body that is too large, by a stranger',
    () => stream({}, JSON.stringify({ query: 'x'.repeat(19_000) })),
    'operation.refused http LIMIT_EXCEEDED',
  ],
  [
    'several operations in one request',
    () => stream(signedIn(), [{ query: '{ viewer { id } }' }]),
    'operation.refused http 17 BAD_USER_INPUT',
  ],
  [
    'an answer that is not offered',
    () => stream(signedIn({ accept: 'image/png' }), { query: '{ viewer { id } }' }),
    'operation.refused http 17 406',
  ],
  [
    'many operations that are none',
    () => stream(signedIn(many), [5]),
    'operation.refused event stream 17 BAD_USER_INPUT',
  ],
  [
    'many operations in a large body',
    () => stream(signedIn(many), `"${'x'.repeat(90_000)}"`),
    'operation.refused event stream 17 LIMIT_EXCEEDED',
  ],
  [
    'a stream that is not there',
    () => send({ method: 'DELETE', headers: signedIn({ [STREAM]: 'y' }) }),
    'operation.refused event stream 17 BAD_USER_INPUT',
  ],
  [
    'a stream of another user',
    async () => {
      const name = await reserve();
      await send({
        method: 'DELETE',
        headers: { authorization: `Bearer ${await people.admin()}`, [STREAM]: name },
      });
    },
    'operation.refused event stream 1 BAD_USER_INPUT',
  ],
  [
    'a page of another origin',
    () => stream(signedIn({ origin: 'https://evil.example' }), { query: '{ viewer { id } }' }),
    'origin.refused https://evil.example',
  ],
  [
    'a page of another origin asks before',
    () => send({ method: 'OPTIONS', headers: { origin: 'https://evil.example' } }),
    'origin.refused https://evil.example',
  ],
  [
    'a socket of a page of another origin',
    () =>
      new Promise((resolve) =>
        new WebSocket(`${app.url}/graphql`, 'graphql-transport-ws', { origin: 'https://evil.example' }).once(
          'error',
          resolve,
        ),
      ),
    'origin.refused https://evil.example',
  ],
];

const MESSAGES: readonly Case[] = [
  [
    'another protocol',
    async () => (await useRawClient(app, 'graphql-ws')).closed,
    'operation.refused websocket 4406',
  ],
  ['no JSON', () => overSignedIn('x'), 'operation.refused websocket 17 4400'],
  ['bytes', () => overSignedIn(Buffer.from([1])), 'operation.refused websocket 17 4400'],
  [
    'a message of the server',
    () => overSignedIn({ type: 'connection_ack' }),
    'operation.refused websocket 17 4400',
  ],
  [
    'a message without end',
    () => overSignedIn({ type: 'ping', payload: JSON.parse('['.repeat(900) + ']'.repeat(900)) }),
    'operation.refused websocket 17 4400',
  ],
  ['a second sign-in', () => overSignedIn(init(token)), 'operation.refused websocket 17 4429'],
  [
    'two operations of one id',
    () => overSignedIn(subscribe, subscribe),
    'operation.refused websocket 17 4409',
  ],
  ['a large message', () => overSignedIn('x'.repeat(30_000)), 'operation.refused websocket 17 1009'],
  [
    'large messages before signing in',
    () => overSocket('x'.repeat(19_000), 'x'.repeat(19_000)),
    'operation.refused websocket 4400',
    'limit.reached messages',
  ],
  [
    'a frame that is none',
    async () => {
      const client = await useSignedInRawClient(app, token);
      const stream: Duplex = Reflect.get(client.socket, '_socket');
      stream.write(Buffer.from([0xff, 0xff, 0xff]));
      await client.closed;
    },
    'operation.refused websocket 17 1002',
  ],
  [
    'messages in a flood',
    () => overSignedIn(...Array(50).fill({ type: 'ping' })),
    'limit.reached websocket 17 messages',
  ],
  [
    'a second subscription',
    async () => {
      const client = await useSignedInRawClient(app, token);
      client.send(subscribe);
      client.send({ ...subscribe, id: '2' });
      await client.next();
      client.socket.close();
      await client.closed;
    },
    'limit.reached websocket 17 subscriptions-per-connection',
    'operation.refused websocket 17 LIMIT_EXCEEDED',
  ],
  [
    'a third connection',
    async () => {
      const admin = await people.admin();
      const sockets = [await useSignedInRawClient(app, admin), await useSignedInRawClient(app, admin)];
      await overSocket(init(admin));
      for (const { socket } of sockets) socket.close();
    },
    'limit.reached websocket 1 connections-per-user',
  ],
];

const ALL = [...SIGNING_IN, ...OPERATIONS, ...REQUESTS, ...MESSAGES].map(([name, act, ...expected]) => ({
  name,
  act,
  expected,
}));

test.each(ALL)('$name', async ({ act, expected }) => {
  const before = lines.length;
  await act();
  const found = (): readonly string[] =>
    lines
      .slice(before)
      .filter(({ event }) => EVENTS.includes(event))
      .map(describeLine);
  await until(() => found().length >= expected.length);
  await until(() => app.stats().connections === 0); // what comes later belongs to the same case
  expect(found()).toEqual(expected);
});
