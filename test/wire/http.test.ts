/** GraphQL over HTTP according to the specification, stock SSE clients, probes and pages. */
import { serverAudits } from 'graphql-http';
import { createClient } from 'graphql-sse';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { graphqlUrl, post, Queue, type Result } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

/** Recommendations of the specification that this server does not follow. */
const NOT_FOLLOWED: readonly string[] = [];

test('the audits of GraphQL over HTTP: every MUST holds, and all other failures are listed', async () => {
  const app = await useApp();
  const audits = serverAudits({ url: graphqlUrl(app), fetchFn: fetch });
  const failed: string[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') failed.push(`${audit.id} ${audit.name}`);
  }
  expect(audits.length).toBeGreaterThan(60);
  expect(failed.filter((name) => name.includes(' MUST '))).toEqual([]);
  expect(failed).toEqual(NOT_FOLLOWED);
});

describe('a stock graphql-sse client', () => {
  function iterate(url: string, token: string | undefined, query: string) {
    const client = createClient({
      url,
      retryAttempts: 0,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    onTestFinished(() => client.dispose());
    const results = new Queue<Result | Error | 'complete'>();
    const stop = client.subscribe(
      { query },
      {
        next: (result) => results.push(result as Result),
        error: (error) => results.push(error as Error),
        complete: () => results.push('complete'),
      },
    );
    return { next: () => results.next(), stop };
  }

  test('receives events, and is forgotten once it leaves', async () => {
    const app = await useApp();
    const { openTopics, sessions } = app.stats();
    const { next, stop } = iterate(
      graphqlUrl(app),
      await people.head(),
      'subscription { storageUpdated { id } }',
    );
    await until(() => app.stats().openTopics > openTopics);
    for (const id of ['first', 'second', 'third']) {
      await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id })));
      expect(await next()).toEqual({ data: { storageUpdated: { id } } });
    }
    stop();
    await until(() => app.stats().openTopics === openTopics && app.stats().sessions === sessions);
  });

  test('receives errors, and then completes', async () => {
    const app = await useApp();
    const { next } = iterate(
      graphqlUrl(app),
      await people.head(),
      'subscription { storageUpdated(unitId: 7) { id } }',
    );
    expect(await next()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await next()).toBe('complete');
  });

  test('runs queries', async () => {
    const app = await useApp();
    const { next } = iterate(graphqlUrl(app), await people.head(), '{ viewer { id } }');
    expect(await next()).toEqual({ data: { viewer: { id: '17' } } });
    expect(await next()).toBe('complete');
  });
});

describe('a query', () => {
  test('may come by GET, with variables and the name of the operation', async () => {
    const app = await useApp();
    const url = new URL(graphqlUrl(app));
    url.searchParams.set(
      'query',
      'query A { viewer { id } } query B($u: ID) { dashboardKpis(unitId: $u) { id } }',
    );
    url.searchParams.set('operationName', 'B');
    url.searchParams.set('variables', '{"u":"5"}');
    const response = await fetch(url, { headers: { authorization: `Bearer ${await people.head()}` } });
    expect([response.status, await response.json()]).toEqual([200, { data: { dashboardKpis: null } }]);
  });

  test('is answered in the media type of the specification if the client asks for it', async () => {
    const app = await useApp();
    const accept = 'application/graphql-response+json';
    const { status, headers } = await post(app, '{ nope }', { headers: { accept } });
    expect([status, headers.get('content-type')]).toEqual([400, `${accept}; charset=utf-8`]);
  });
});

describe('the probes', () => {
  const status = async (url: string): Promise<[number, unknown]> => {
    const response = await fetch(url);
    return [response.status, await response.json()];
  };

  test('/health says that the server is alive, /ready whether Redis answers', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    expect(await status(`${app.url}/health`)).toEqual([200, { status: 'ok' }]);
    await until(async () => (await status(`${app.url}/ready`))[0] === 200);
    await redis.kill();
    expect(await status(`${app.url}/ready`)).toEqual([
      503,
      { ready: false, reason: 'Redis is not reachable' },
    ]);
    expect(await status(`${app.url}/health`)).toEqual([200, { status: 'ok' }]);
  });

  test('are found with any query string, and no other path is', async () => {
    const app = await useApp();
    expect((await status(`${app.url}/ready?verbose`))[0]).toBe(200);
    for (const path of ['/', '/healthy', '/graphql/x', '/constructor', '/__proto__', '//'])
      expect((await status(app.url + path))[0], path).toBe(404);
  });

  test('with METRICS_PORT are there, with the metrics, and not on the public port', async () => {
    const app = await useApp({ METRICS_PORT: '0', BASE_PATH: '/live', MAX_STRANGERS: '1' });
    const unknown = await status(`${app.url}/nothing`);
    for (const path of ['/health', '/ready', '/metrics'].flatMap((probe) => [probe, `/live${probe}`])) {
      expect((await fetch(app.metricsUrl + path)).status, path).toBe(200);
      expect(await status(app.url + path), path).toEqual(unknown);
    }
    for (const path of ['/', '/live/graphql', '/__proto__'])
      expect((await status(app.metricsUrl + path))[0], path).toBe(404);
    await app.close();
    for (const url of [app.url, app.metricsUrl]) await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  test('with METRICS_PORT say until the end that the server is stopping', async () => {
    const [arrived, released] = [new Queue<true>(), new Queue<true>()];
    const app = await useApp(
      { METRICS_PORT: '0', SHUTDOWN_SECONDS: '3600' },
      {
        async otherwise(_request, response) {
          arrived.push(true);
          await released.next();
          response.end();
        },
      },
    );
    const underWay = fetch(`${app.url}/page`);
    await arrived.next();
    const closed = app.close();
    expect(await status(`${app.metricsUrl}/ready`)).toEqual([503, { ready: false, reason: 'stopping' }]);
    expect((await fetch(`${app.metricsUrl}/metrics`)).status).toBe(200);
    released.push(true);
    expect((await underWay).status).toBe(200);
    await closed;
  });

  test('a METRICS_PORT that is taken keeps the server from starting', async () => {
    const taken = new URL((await useApp()).url).port;
    await expect(useApp({ METRICS_PORT: taken })).rejects.toThrow('EADDRINUSE');
  });
});

test.each(['text/event-stream', '*/*'])(
  'stopping ends a stream requested with %s, with a hint to reconnect, and does not complete it',
  async (accept) => {
    const app = await useApp({ SHUTDOWN_SECONDS: '3600' });
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${await people.head()}`,
      accept,
    };
    const body = JSON.stringify({ query: 'subscription { storageUpdated { id } }' });
    const stream = await fetch(graphqlUrl(app), { method: 'POST', headers, body });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const [text] = await Promise.all([stream.text(), app.close()]);
    expect(text).toMatch(/\nretry: \d+\n\n$/);
    expect(text).not.toContain('event: complete');
  },
);

describe('introspection and GraphiQL', () => {
  const page = (url: string): Promise<Response> => fetch(url, { headers: { accept: 'text/html' } });
  const introspection = '{ __schema { queryType { name } } }';

  test('are there unless they are switched off', async () => {
    const app = await useApp({ GRAPHIQL: 'true' });
    const graphiql = await page(graphqlUrl(app));
    expect(graphiql.headers.get('content-type')).toContain('text/html');
    expect(await graphiql.text()).toContain('dms-live');
    expect((await post(app, introspection)).body.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
  });

  test('INTROSPECTION=false refuses introspection, and nothing else', async () => {
    const app = await useApp({ INTROSPECTION: 'false' });
    for (const query of [introspection, '{ __type(name: "Query") { name } }']) {
      const [error] = (await post(app, query)).body.errors ?? [];
      expect(error?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    }
    expect((await post(app, '{ __typename }')).body.data).toEqual({ __typename: 'Query' });
  });

  test('GRAPHIQL=false serves no page', async () => {
    const app = await useApp({ GRAPHIQL: 'false' });
    const response = await page(graphqlUrl(app));
    expect(response.headers.get('content-type') ?? '').not.toContain('html');
    expect(response.status).toBeGreaterThanOrEqual(400);
  });
});
