/** Limits on the cost of a client without a token: no memory, few errors, short answers. */
import { readFileSync } from 'node:fs';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { graphqlUrl, post, subscribed, useClient, useSignedInRawClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { useProgram } from '../support/process.ts';
import { until, useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';

const many = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');

test('a document that needs a session is answered 401 before it is validated, in every media type', async () => {
  const app = await useApp();
  for (const query of ['{ viewer { nope } }', `{ ${'viewer { id } '.repeat(400)} }`])
    for (const accept of [
      'application/json',
      'application/graphql-response+json',
      'text/event-stream',
      '*/*',
    ]) {
      const response = await fetch(graphqlUrl(app), {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      expect(text).toContain('"UNAUTHENTICATED"');
      expect(text.match(/"message"/g)).toHaveLength(1);
      if (!accept.includes('event-stream')) expect(response.status).toBe(401);
    }
});

test('a document may be longer with a token than without', async () => {
  const app = await useApp({ MAX_ANONYMOUS_DOCUMENT_TOKENS: '50' });
  const query = `{ ${many(30, (index) => `a${index}: __typename`)} }`;
  expect(await post(app, query)).toMatchObject({
    status: 401,
    body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
  });
  expect((await post(app, query, { token: await people.head() })).body.errors).toBeUndefined();
});

test('introspection works without a token, and aliases do not multiply it', async () => {
  const app = await useApp();
  const { body } = await post(app, getIntrospectionQuery());
  expect(body.data?.['__schema'].types.length).toBeGreaterThan(30);
  const doubled = await post(app, '{ a: __schema { types { name } } }');
  expect(doubled.body.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
});

test('answers are short, whatever the request contains', async () => {
  const app = await useApp();
  const long = 'x'.repeat(50_000);
  const parameters = (body: object) =>
    fetch(graphqlUrl(app), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
  for (const body of [
    { query: `{ ${long} }` },
    { query: `query ${long} { __typename }`, operationName: long.slice(1) },
    { query: `{ ${many(480, (index) => `b${index}`)} }` },
    { query: `{ __typename ${'@a '.repeat(240)} }` },
    { query: 'query ($a: Boolean!) { __typename @skip(if: $a) }', variables: { a: long } },
    { query: 'query ($a: [ID!]) { __type(name: $a) { name } }', variables: { a: Array(9000).fill({}) } },
    { query: '{ __typename }', [long]: 1 },
    { query: '{ __typename }', extensions: { after: long } },
  ])
    expect((await (await parameters(body)).text()).length).toBeLessThan(3000);
});

describe('if introspection is off', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['a field', '{ viewe { id } }', {}],
    ['a field within', '{ viewer { i name role isAdmi } }', {}],
    ['an argument', '{ dashboardKpis(unitID: 1) { id } }', {}],
    ['a type', 'query ($x: Requst) { __typename }', {}],
    ['an enum', 'subscription { requestUpdated(actions: [APROVED]) { id } }', {}],
    [
      'an enum in a variable',
      'subscription ($a: [RequestAction!]) { requestUpdated(actions: $a) { id } }',
      { a: ['APROVED'] },
    ],
  ])('an error about a misspelt name of %s suggests no other name', async (_what, query, variables) => {
    const app = await useApp({ INTROSPECTION: 'false' });
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    client.send({ id: 'a', type: 'subscribe', payload: { query, variables } });
    const headers = { accept: 'text/event-stream, application/json' };
    const response = await fetch(graphqlUrl(app), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const stranger = await post(app, query, { variables });
    for (const text of [
      JSON.stringify(await client.next()),
      await response.text(),
      JSON.stringify(stranger.body),
    ]) {
      expect(text).toContain('"message"');
      expect(text).not.toContain('Did you mean');
    }
  });
});

test('only valid documents of signed-in users are cached, within MAX_DOCUMENT_CACHE_BYTES', async () => {
  const app = await useApp({ MAX_DOCUMENT_CACHE_BYTES: '50000' });
  const token = await people.head();
  await Promise.all(Array.from({ length: 50 }, (_, index) => post(app, `{ __typename } #${index}`)));
  await post(app, '{ nope }', { token });
  expect(app.documents()).toEqual({ documents: 0, bytes: 0 });
  const client = await useSignedInRawClient(app, token);
  for (let index = 0; index < 50; index += 1) {
    await post(app, `{ viewer { id } } #${index}`, { token });
    client.send({ id: 'a', type: 'subscribe', payload: { query: `{ viewer { id } } # socket ${index}` } });
    expect(await client.next()).toMatchObject({ type: 'next' });
    await client.next();
    expect(app.documents().bytes).toBeLessThanOrEqual(50_000);
  }
  expect(app.documents().documents).toBeGreaterThan(3);
});

test('subscriptions with equal text are shared, even if the cache has dropped their document', async () => {
  const app = await useApp({ MAX_DOCUMENT_CACHE_BYTES: '0' });
  const token = await people.head();
  const query = 'subscription { storageUpdated { id } }';
  const first = await subscribed(useClient(app, token), query);
  const second = useClient(app, token).run(query);
  await until(() => app.stats().subscriptions === 2);
  expect(app.stats().audiences).toBe(1);
  await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'e1' })));
  for (const operation of [first, second])
    expect(await operation.data()).toEqual({ storageUpdated: { id: 'e1' } });
});

/** The resident memory of this process, in bytes. */
const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('a process with a small heap survives any documents of strangers, and needs at most 64 MB for them', async () => {
  const redis = await useRedis();
  const server = useProgram('main.js', {
    REDIS_URL: redis.url,
    JWT_SECRET: SECRET,
    PORT: '0',
    GRAPHIQL: 'false',
    NODE_OPTIONS: '--max-old-space-size=256',
  });
  const [, url = ''] = await server.says(/"url":"(http[^"]+)"/);
  const innocent = useClient({ url }, await people.head()).run('subscription { storageUpdated { id } }');
  const kinds: ((index: number) => string)[] = [
    (index) => `{ ${many(950, (at) => `b${at}`)} } #${index}`,
    (index) => `{ ${many(160, (at) => `a${at}: __typename`)} } #${index}`,
    (index) => `{ ${many(480, (at) => `b${at}`)} } #${index}`,
    (index) => `{ __typename } #${index} ${'x'.repeat(60_000)}`,
    (index) => `{ ${'x'.repeat(60_000)}${index} }`,
    (index) => `${'#\n'.repeat(10_000)}{ __typename } #${index}`,
  ];
  const storm = async (rounds: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let round = 0; round < rounds; round += 1)
          for (const kind of kinds) await post({ url }, kind(1000 * worker + round));
      }),
    );
  };
  await storm(1); // so that the code is compiled
  const before = residentBytes(server.child.pid ?? 0);
  await storm(25);
  await until(() => residentBytes(server.child.pid ?? 0) - before < 64 * 1024 * 1024);
  expect((await readMetrics({ url })).get('process_resident_memory_bytes')).toBeGreaterThan(0);
  await redis.untilSubscribed('dms:storage:unit:5');
  await redis.client.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'e1' })));
  expect(await innocent.data()).toEqual({ storageUpdated: { id: 'e1' } });
}, 300_000);
