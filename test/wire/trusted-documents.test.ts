/** Trusted documents: clients send a hash instead of a text, over every transport. */
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { shortHash } from '../../src/record/security-log.ts';
import { useApp, useRecordedApp } from '../support/app.ts';
import { type Data, graphqlUrl, readBlocks, useSignedInRawClient } from '../support/clients.ts';
import { apolloManifestOf, manifestOf, sha256, useFolder } from '../support/manifests.ts';
import { until } from '../support/redis.ts';
import { publish, STORAGE } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const VIEWER = 'query Viewer { viewer { id } }';
const OTHER = 'query Other { viewer { id name } }';
const PUBLIC = '{ __typename }';
const ID = `sha256:${sha256(VIEWER)}`;
const UNKNOWN = sha256('query Later { viewer { id } }');

type Mode = 'only' | 'also';

/** Two manifests, of two releases of an app, in one folder; and Apollo's in a file. */
function settings(mode: Mode): Record<string, string> {
  const folder = useFolder({
    'one.json': manifestOf(VIEWER, STORAGE),
    'two.json': manifestOf(VIEWER, OTHER),
    'notes.txt': 'no manifest',
  });
  const apollo = useFolder({ 'apollo.json': apolloManifestOf(PUBLIC) });
  return { TRUSTED_DOCUMENTS: `${folder}, ${apollo}/apollo.json`, TRUSTED_DOCUMENTS_MODE: mode };
}

/** Sends an operation, and returns its first result or its errors. */
type Ask = (app: App, sent: Data) => Promise<Data>;

async function fetchAs(app: App, accept: string, init: RequestInit, search = ''): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${await people.head()}`,
    accept,
  };
  return fetch(graphqlUrl(app) + search, { ...init, headers: { ...headers, ...init.headers } });
}

/** The data of the first `next` of a stream, which is left then. */
async function firstOf(response: Response): Promise<Data> {
  for await (const fields of readBlocks(response))
    if (fields.get('event') === 'next') return JSON.parse(fields.get('data') ?? '');
  throw new Error(`no result, but ${response.status}`);
}

function searchOf(sent: Data): string {
  const texts = Object.entries(sent).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return `?${new URLSearchParams(Object.fromEntries(texts))}`;
}

const named = (sent: Data): Data => ({ ...sent, extensions: { ...sent['extensions'], operationId: '1' } });

const TRANSPORTS: readonly [name: string, ask: Ask][] = [
  [
    'POST',
    async (app, sent) =>
      (await fetchAs(app, 'application/json', { method: 'POST', body: JSON.stringify(sent) })).json(),
  ],
  ['GET', async (app, sent) => (await fetchAs(app, 'application/json', {}, searchOf(sent))).json()],
  [
    'an event stream',
    async (app, sent) =>
      firstOf(await fetchAs(app, 'text/event-stream', { method: 'POST', body: JSON.stringify(sent) })),
  ],
  [
    'an event stream by GET',
    async (app, sent) => firstOf(await fetchAs(app, 'text/event-stream', {}, searchOf(sent))),
  ],
  [
    'an event stream for many operations',
    async (app, sent) => {
      const body = JSON.stringify([named(sent)]);
      const response = await fetchAs(app, 'text/event-stream; operations=many', { method: 'POST', body });
      return response.ok ? (await firstOf(response))['payload'] : response.json();
    },
  ],
  [
    'a reserved event stream',
    async (app, sent) => {
      const stream = await (await fetchAs(app, '*/*', { method: 'PUT' })).text();
      const headers = { 'x-graphql-event-stream-token': stream };
      const results = await fetchAs(app, 'text/event-stream', { headers });
      const begun = await fetchAs(app, '*/*', { method: 'POST', body: JSON.stringify(named(sent)), headers });
      return begun.ok ? (await firstOf(results))['payload'] : begun.json();
    },
  ],
  [
    'a WebSocket',
    async (app, sent) => {
      const client = await useSignedInRawClient(app, await people.head());
      client.send({ id: '1', type: 'subscribe', payload: { query: '', ...sent } });
      const { type, payload } = await client.next();
      client.socket.close();
      return type === 'error' ? { errors: payload } : payload;
    },
  ],
];

const byApollo = (hash: unknown): Data => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
});

const DATA = 'data';
/** What is sent, and what becomes of it: data, or an error's code. */
const CASES: readonly [what: string, sent: Data, only: string, also?: string][] = [
  ['a hash', { documentId: ID }, DATA],
  ['a hash without prefix', { documentId: sha256(VIEWER) }, DATA],
  ['a hash as Apollo sends it', byApollo(sha256(VIEWER)), DATA],
  ['a hash of the other manifest', { documentId: `sha256:${sha256(OTHER)}` }, DATA],
  ['a hash of Apollo’s manifest', byApollo(sha256(PUBLIC)), DATA],
  ['an unknown hash', { documentId: `sha256:${UNKNOWN}` }, 'UNTRUSTED_DOCUMENT'],
  ['an unknown hash as Apollo sends it', byApollo(UNKNOWN), 'UNTRUSTED_DOCUMENT'],
  ['a text', { query: VIEWER }, 'UNTRUSTED_DOCUMENT', DATA],
  ['a text that is no document', { query: 'query {' }, 'UNTRUSTED_DOCUMENT', 'GRAPHQL_PARSE_FAILED'],
  ['a text beside its hash', { query: VIEWER, documentId: ID }, 'UNTRUSTED_DOCUMENT', DATA],
  ['a text beside an unknown hash', { query: VIEWER, ...byApollo(UNKNOWN) }, 'UNTRUSTED_DOCUMENT', DATA],
  [
    'another document’s text beside a hash',
    { query: '{ nope }', documentId: ID },
    'UNTRUSTED_DOCUMENT',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['white space', { query: ' ', documentId: ID }, 'UNTRUSTED_DOCUMENT', 'GRAPHQL_PARSE_FAILED'],
  ...[
    '__proto__',
    'constructor',
    'sha256:',
    `sha256:${'g'.repeat(64)}`,
    ID.toUpperCase(),
    ID.slice(1),
    ID.slice(0, -1),
    `${ID}0`,
    `sha1:${'0'.repeat(66)}`,
    'x'.repeat(5000),
  ].map((documentId): [string, Data, string] => [
    `the name ${documentId.slice(0, 30)}`,
    { documentId },
    'BAD_USER_INPUT',
  ]),
  ['no text in its hash', byApollo({}), 'BAD_USER_INPUT'],
  ['a name that is no hash', { extensions: { persistedQuery: VIEWER } }, 'BAD_USER_INPUT'],
];

test.each(['only', 'also'] as const)(
  'with TRUSTED_DOCUMENTS_MODE=%s each of them is run or refused as it should be, over every transport',
  async (mode) => {
    const app = await useApp(settings(mode));
    const wanted = CASES.map(([what, _sent, only, also = only]) => [what, mode === 'only' ? only : also]);
    await Promise.all(
      TRANSPORTS.map(async ([transport, ask]) => {
        const outcomes: string[][] = [];
        for (const [what, sent] of CASES) {
          const { data, errors } = await ask(app, sent);
          outcomes.push([what, errors?.[0].extensions.code ?? (data == null ? 'nothing' : DATA)]);
        }
        expect({ transport, outcomes }).toEqual({ transport, outcomes: wanted });
      }),
    );
  },
);

test('a refusal says what to do', async () => {
  const app = await useApp(settings('only'));
  const [[, ask] = []] = TRANSPORTS;
  const messageOf = async (sent: Data): Promise<string> => (await ask?.(app, sent))?.['errors'][0].message;
  expect(await messageOf({ query: '{' })).toContain('send the hash of one as documentId');
  expect(await messageOf({ documentId: UNKNOWN })).toMatch(
    new RegExp(`no trusted document ${UNKNOWN}.*must be deployed`),
  );
  expect(await messageOf({ documentId: 'x' })).toContain('64 hexadecimal digits');
  const without = await useApp();
  expect((await ask?.(without, { documentId: ID }))?.['errors']).toMatchObject([
    { message: expect.stringContaining('send the text'), extensions: { code: 'UNTRUSTED_DOCUMENT' } },
  ]);
});

test('a stranger may not do more by a hash than by a text', async () => {
  const app = await useApp(settings('only'));
  const ask = async (body: Data): Promise<Data> => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const response = await fetch(graphqlUrl(app), { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, ...(await response.json()) };
  };
  expect(await ask({ documentId: ID })).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await ask({ documentId: sha256(PUBLIC) })).toEqual({ status: 200, data: { __typename: 'Query' } });
  for (const query of [PUBLIC, VIEWER, '{', `{ ${'a '.repeat(600)} }`])
    expect(await ask({ query })).toMatchObject({ errors: [{ extensions: { code: 'UNTRUSTED_DOCUMENT' } }] });
});

test('a subscription by hash shares its audience with that by text, and the security log names the manifest’s hash', async () => {
  const { app, lines } = await useRecordedApp(settings('also'));
  const client = await useSignedInRawClient(app, await people.head());
  const documentId = `sha256:${sha256(STORAGE)}`;
  client.send({ id: 'hash', type: 'subscribe', payload: { query: '', documentId } });
  client.send({ id: 'text', type: 'subscribe', payload: { query: STORAGE } });
  await until(() => app.stats().subscriptions === 2);
  expect(app.stats().audiences).toBe(1);
  await publish(app, 'a');
  const received = [await client.next(), await client.next()];
  expect(received.map(({ id, payload }) => [id, payload.data])).toEqual([
    ['hash', { storageUpdated: { id: 'a' } }],
    ['text', { storageUpdated: { id: 'a' } }],
  ]);
  client.send({ id: 'unknown', type: 'subscribe', payload: { query: '', documentId: UNKNOWN } });
  expect(await client.next()).toMatchObject({ id: 'unknown', type: 'error' });
  const documents = lines.flatMap(({ event, document }) =>
    document === undefined ? [] : [[event, document]],
  );
  expect(documents).toEqual([
    ['operation.started', sha256(STORAGE).slice(0, 16)],
    ['operation.started', shortHash(STORAGE)],
    ['operation.refused', UNKNOWN.slice(0, 16)],
  ]);
});
