/** Mistakes that a client can make over HTTP, and the pages that a browser lets use the server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { graphqlUrl, post, subscribed, useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

interface Case {
  readonly what: string;
  readonly init?: RequestInit;
  /** Sent with a token. Without one, the only error would be the missing token. */
  readonly isSignedIn?: true;
  /** Appended to `/graphql`. */
  readonly search?: string;
  readonly status: number;
  /** `null`: the answer has no body for a code. */
  readonly code: string | null;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const posted = (body: unknown, headers: Record<string, string> = JSON_TYPE): RequestInit => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const got: RequestInit = { headers: { accept: 'application/json' } };
const query = '{ __typename }';
const large = JSON.stringify({ query: `${query} #${'x'.repeat(1024 * 1024)}` });

const ofUnknownLength = (body: string): RequestInit =>
  ({ method: 'POST', headers: JSON_TYPE, body: new Blob([body]).stream(), duplex: 'half' }) as RequestInit;
/** A signed-in user may send it, and a client without a token may not. */
const ofUser = JSON.stringify({ query: `${query} #${'x'.repeat(17 * 1024)}` });

const CASES: readonly Case[] = [
  { what: 'a body of 1 MiB', init: posted(large), status: 413, code: 'LIMIT_EXCEEDED' },
  {
    what: 'a body of 1 MiB of unknown length',
    init: ofUnknownLength(large),
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  {
    what: 'a user’s body of 1 MiB',
    isSignedIn: true,
    init: posted(large),
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  {
    what: 'a user’s body of 1 MiB of unknown length',
    isSignedIn: true,
    init: ofUnknownLength(large),
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  { what: 'a stranger’s body of 17 KiB', init: posted(ofUser), status: 413, code: 'LIMIT_EXCEEDED' },
  {
    what: 'a stranger’s body of 17 KiB of unknown length',
    init: ofUnknownLength(ofUser),
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  { what: 'JSON cut short', init: posted('{"query":'), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'no body', init: posted(''), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'null', init: posted('null'), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'a batch', init: posted([{ query }, { query }]), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'an empty batch', init: posted([]), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'a number for query', init: posted({ query: 5 }), status: 400, code: 'BAD_USER_INPUT' },
  {
    what: 'text for variables',
    init: posted({ query, variables: 'x' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a list of variables',
    init: posted({ query, variables: [1] }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'text for extensions',
    init: posted({ query, extensions: 'x' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a number for operationName',
    init: posted({ query, operationName: 5 }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an unknown operationName',
    init: posted({ query: `query A ${query}`, operationName: 'B' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a variable of another type',
    init: posted({ query: 'query ($n: Boolean!) { __typename @skip(if: $n) }', variables: { n: 'yes' } }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  { what: 'an unknown parameter', init: posted({ query, nope: 1 }), status: 400, code: 'BAD_USER_INPUT' },
  { what: 'plain text', init: posted({ query }, { 'content-type': 'text/plain' }), status: 415, code: null },
  {
    what: 'a multipart form',
    init: posted('--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    status: 415,
    code: null,
  },
  { what: 'PUT', init: { ...posted({ query }), method: 'PUT' }, status: 405, code: 'BAD_USER_INPUT' },
  {
    what: 'a mutation by GET',
    init: got,
    search: `?query=${encodeURIComponent('mutation { renewSession(token: "x") { id } }')}`,
    status: 405,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'GET with variables that are no JSON',
    init: got,
    search: `?query=${query}&variables={`,
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'GET with extensions that are no JSON',
    init: got,
    search: `?query=${query}&extensions=x`,
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a form with variables that are no JSON',
    init: posted('query={__typename}&variables={', { 'content-type': 'application/x-www-form-urlencoded' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a type of answer that there is not',
    init: posted({ query }, { ...JSON_TYPE, accept: 'image/png' }),
    status: 406,
    code: null,
  },
  {
    what: 'a subscription to be answered in JSON',
    isSignedIn: true,
    init: posted(
      { query: 'subscription { storageUpdated { id } }' },
      { ...JSON_TYPE, accept: 'application/json' },
    ),
    status: 406,
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'another scheme of authorization',
    init: posted({ query }, { ...JSON_TYPE, authorization: 'Basic eDp5' }),
    status: 401,
    code: 'UNAUTHENTICATED',
  },
  {
    what: 'no token after Bearer',
    init: posted({ query }, { ...JSON_TYPE, authorization: 'Bearer' }),
    status: 401,
    code: 'UNAUTHENTICATED',
  },
];

test.each(CASES)(
  '$what is answered $status $code',
  async ({ init, isSignedIn, search = '', status, code }) => {
    const app = await useApp();
    const headers = new Headers(init?.headers);
    if (isSignedIn) headers.set('authorization', `Bearer ${await people.head()}`);
    const good = await subscribed(
      useClient(app, await people.head()),
      'subscription { storageUpdated { id } }',
    );
    const response = await fetch(graphqlUrl(app) + search, { ...init, headers });
    const body = await response.text();
    expect(response.status).toBe(status);
    if (code === null) expect(body).toBe('');
    else expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code } }] });
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'undisturbed' })));
    expect(await good.data()).toEqual({ storageUpdated: { id: 'undisturbed' } });
  },
);

test.each(['a, b', '[', 'x:99999', 'a b'])(
  'the host %j, which makes no valid URL, is answered 400',
  async (host) => {
    const app = await useApp();
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(
      `GET /graphql?query={__typename} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      'latin1',
    );
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  },
);

test('a user’s body of 17 KiB is answered', async () => {
  const app = await useApp();
  const headers = { ...JSON_TYPE, authorization: `Bearer ${await people.head()}` };
  const response = await fetch(graphqlUrl(app), posted(ofUser, headers));
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});

test('an error quotes no part of a body that cannot be read', async () => {
  const app = await useApp();
  const token = await people.head();
  for (const body of [
    `${token}`,
    `{"query": ${token}`,
    `{"query":"{__typename}","variables":{"token":"${token}"}`,
  ]) {
    const text = await (await fetch(graphqlUrl(app), posted(body))).text();
    expect(text).toContain('BAD_USER_INPUT');
    expect(text).not.toContain(token.slice(0, 10));
  }
});

describe('CORS', () => {
  const settings = { CORS_ORIGINS: 'https://dms.example.org, https://admin.example.org' };
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  };

  test('lets pages of listed origins and of the server’s own origin read answers and send a token', async () => {
    const app = await useApp(settings);
    for (const origin of ['https://dms.example.org', 'https://admin.example.org', app.url]) {
      const { headers } = await post(app, query, { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('vary')).toContain('Origin');
      const asked = await fetch(graphqlUrl(app), { method: 'OPTIONS', headers: { origin, ...preflight } });
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
      expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST');
      expect(asked.headers.get('access-control-allow-headers')).toBe(
        'authorization,content-type,last-event-id',
      );
      expect(asked.headers.get('access-control-max-age')).toBe('86400');
      expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test.each([
    'https://evil.example',
    'http://dms.example.org',
    'https://dms.example.org:8443',
    'https://dms.example.org.evil.example',
    'null',
    'nonsense',
  ])('gives a page of %s no access', async (origin) => {
    const app = await useApp(settings);
    const answers = [
      await post(app, query, { headers: { origin } }),
      await fetch(graphqlUrl(app), { method: 'OPTIONS', headers: { origin, ...preflight } }),
      await fetch(graphqlUrl(app), { ...posted({ query: '{' }), headers: { ...JSON_TYPE, origin } }),
    ];
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test('checks only the origin in a preflight request', async () => {
    const app = await useApp(settings);
    const { sessions } = app.stats();
    const origin = 'https://dms.example.org';
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${graphqlUrl(app)}?query={`, { method: 'OPTIONS', headers: { origin, ...headers } });
    for (const headers of [{}, preflight, { ...preflight, authorization: 'Bearer no.token.at-all' }]) {
      const asked = await ask(headers);
      expect([asked.status, await asked.text(), app.stats().sessions]).toEqual([204, '', sessions]);
      expect(asked.headers.get('access-control-max-age')).toBe('86400');
      expect(asked.headers.get('vary')).toBe('Origin, Access-Control-Request-Headers');
    }
    const allowed = async (names: string): Promise<string | null> =>
      (await ask({ ...preflight, 'access-control-request-headers': names })).headers.get(
        'access-control-allow-headers',
      );
    const ours = 'authorization,content-type,last-event-id';
    expect(await allowed('x-request-id, Traceparent')).toBe(`${ours},x-request-id,traceparent`);
    for (const odd of ['a b', 'a,,b', 'a;b', 'x'.repeat(5000)]) expect(await allowed(odd)).toBe(ours);
  });

  test('lets every page in if CORS_ORIGINS is *', async () => {
    const app = await useApp({ CORS_ORIGINS: '*' });
    const origin = 'https://anywhere.example';
    const { headers } = await post(app, query, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  });
});
