/** Random requests and conversations. Each of them may cause only an error of the client. */
import fc from 'fast-check';
import { documents, ODD_NAMES } from './fuzz-documents.ts';

/** How a client signs in, or that it does not. */
export type Credential = 'head' | 'admin' | 'unitless' | 'none' | 'odd';

export interface HttpCase {
  readonly kind: 'http';
  readonly method: string;
  /** The part after the server's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential;
  readonly body: string;
}

/** Raw bytes. After them the client sends nothing. */
export interface RawCase {
  readonly kind: 'raw';
  readonly bytes: Uint8Array;
}

export type Frame =
  | { readonly text: string }
  | { readonly binary: Uint8Array }
  | { readonly raw: Uint8Array };

export interface SocketCase {
  readonly kind: 'socket';
  readonly credential: Credential;
  readonly frames: readonly Frame[];
}

export type FuzzCase = HttpCase | ReservedCase | RawCase | SocketCase;

const oddName = fc.constantFrom(...ODD_NAMES);

/** Stands for a deeply nested list, which can be written only as text. */
const DEEP = 'a deep list';
const DEEP_TEXT = '['.repeat(20_000) + ']'.repeat(20_000);
const write = (value: unknown): string => JSON.stringify(value).replaceAll(JSON.stringify(DEEP), DEEP_TEXT);

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '5',
    5,
    -0,
    1e300,
    2 ** 53,
    '\ud800',
    '*',
    ['APPROVED'],
    'APPROVED',
    ['STORAGE', null],
    [[['5']]],
    true,
    '2026-11-22T09:30:00Z',
    '+275760-09-13T00:00:00.001Z',
    'x'.repeat(5000),
    Array.from({ length: 3000 }, () => 'APROVED'),
  ),
  fc.dictionary(fc.oneof(oddName, fc.string({ maxLength: 5 })), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 4,
  }),
  fc.constant(DEEP),
);

const variables = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 5,
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), oddName), oddValue), {
        maxLength: 4,
        selector: ([name]) => name,
      })
      .map((entries) => Object.fromEntries(entries)),
  },
  { weight: 1, arbitrary: oddValue },
);

const position = fc
  .tuple(
    fc.oneof(fc.constantFrom('0', '00', '-1', '99999999999999999999', '1764060000000'), fc.nat().map(String)),
    fc.oneof(fc.constantFrom('0', '999999999999999', '1', '00'), fc.nat().map(String)),
    fc.constantFrom('AAAAAAAAAAAA', 'AAAAAAAAAAA', '____________', ''),
  )
  .map((parts) => Buffer.from(parts.join('-')).toString('base64url'));

const cursor: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: position },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom('', '*', '__proto__', 'x'.repeat(5000)) },
  { weight: 2, arbitrary: oddValue },
);

const extensions = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: cursor.map((after) => ({ after })) },
  { weight: 1, arbitrary: oddValue },
);

const operationName: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom('A', 'B', '', '__proto__', 'constructor') },
  { weight: 1, arbitrary: oddName },
  { weight: 1, arbitrary: oddValue },
);

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOrNone = fc.oneof(
  variables.filter((value) => value === undefined || isObject(value)),
  cursor.map((after) => ({ after })),
);

type Payload = Readonly<Record<string, unknown>>;

const fitting = fc.record({ query: documents, variables, operationName, extensions });

const payload: fc.Arbitrary<Payload> = fc.oneof(
  { weight: 10, arbitrary: fitting },
  { weight: 1, arbitrary: fc.tuple(fitting, oddValue).map(([object, query]) => ({ ...object, query })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fitting, oddName, oddValue)
      .map(([object, name, extra]) => ({ ...object, ...Object.fromEntries([[name, extra]]) })),
  },
);

/** JSON with something wrong in it. */
const damagedJson = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(), fc.constantFrom('', '"', '}', '\u0000', '\\ud800', '[', ',', '\ufeff'))
    .map(([whole, from, by]) => {
      const at = from % (whole.length + 1);
      return whole.slice(0, at) + by + whole.slice(at + 1);
    });

const json = payload.map((object) => write(object).slice(0, 65_000));

const query = payload.map((object) => {
  const parameters = new URLSearchParams();
  for (const [name, part] of Object.entries(object))
    if (part !== undefined) parameters.set(name, typeof part === 'string' ? part : write(part));
  return String(parameters).slice(0, 8000);
});

const body = fc.oneof(
  { weight: 10, arbitrary: json },
  { weight: 2, arbitrary: damagedJson(json) },
  { weight: 1, arbitrary: query },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 100 }), fc.constant('')),
  },
);

const credential = fc.constantFrom<Credential>('head', 'head', 'admin', 'unitless', 'none', 'none', 'odd');

/** A header value that client libraries agree to send. */
const headerValue = fc
  .string({ unit: 'grapheme-ascii', maxLength: 30 })
  .map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim());

const headers = fc
  .record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'application/json',
        'application/json; charset=utf-16',
        'application/json;',
        'application/graphql',
        'application/graphql+json',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'multipart/form-data; boundary=x',
        'text/plain',
        ',',
      ),
      accept: fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom('application/json', 'text/event-stream, application/json', '*/*'),
        },
        fc.constantFrom(
          'application/json',
          'application/graphql-response+json',
          'text/event-stream',
          'text/*',
          '*/*',
          'multipart/mixed',
          'text/html',
          'application/json;q=0',
          ';;;,',
        ),
        headerValue,
      ),
      origin: fc.oneof(fc.constantFrom('null', 'https://a.example', '://', 'http://[::'), headerValue),
      'last-event-id': fc.oneof(position, headerValue),
      'x-forwarded-for': fc.oneof(fc.constantFrom('1.2.3.4', ',,', '::1', 'unknown'), headerValue),
      'x-request-id': headerValue,
      forwarded: fc.oneof(fc.constantFrom('for="[::1]";proto=https', 'for=_x;;', '='), headerValue),
      'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'x'),
      'accept-encoding': headerValue,
      cookie: headerValue,
      'sec-fetch-site': headerValue,
      'if-none-match': headerValue,
      'x-graphql-event-stream-token': headerValue,
    },
    { requiredKeys: [] },
  )
  .map((record): Record<string, string> => ({ 'content-type': 'application/json', ...record }));

const path = fc.oneof(
  { weight: 12, arbitrary: fc.constant('/graphql') },
  { weight: 4, arbitrary: query.map((text) => `/graphql?${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/graphql/',
      '/graphql/stream',
      '/health',
      '/ready?x',
      '/metrics',
      '/__proto__',
      '/graphql?query=%ff&variables=%7b',
      '/graphql?query={__typename}&variables={"a":1}&extensions=null',
      '/%',
      '/..//graphql',
    ),
  },
);

const httpCase: fc.Arbitrary<HttpCase> = fc.record({
  kind: fc.constant('http' as const),
  method: fc.oneof(
    { weight: 10, arbitrary: fc.constant('POST') },
    { weight: 5, arbitrary: fc.constant('GET') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'PROPFIND'),
    },
  ),
  path,
  headers,
  credential,
  body,
});

/** An operation of a stream that carries many. */
const namedOperation = fc
  .tuple(
    fc.constantFrom('1', '2', '3', '__proto__', '\ud800', 'a\n\nid: b'),
    fc.record({ query: documents, variables: objectOrNone }),
    fc.oneof(fc.constant(undefined), cursor),
  )
  .map(([operationId, what, after]) => ({ ...what, extensions: { operationId, after } }));

/** A list of operations, each with a name. Most lists are right. */
const manyCase: fc.Arbitrary<HttpCase> = fc.record({
  kind: fc.constant('http' as const),
  method: fc.constant('POST'),
  path: fc.constant('/graphql'),
  headers: fc.constant({
    'content-type': 'application/json',
    accept: 'text/event-stream; operations=many',
  }),
  credential,
  body: fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .uniqueArray(namedOperation, {
          maxLength: 5,
          selector: ({ extensions: { operationId } }) => operationId,
        })
        .map(write),
    },
    {
      weight: 1,
      arbitrary: fc.array(fc.oneof(namedOperation, oddValue, payload), { maxLength: 5 }).map(write),
    },
    { weight: 1, arbitrary: body },
  ),
});

/** Requests that name a reserved stream. */
export interface ReservedCase {
  readonly kind: 'reserved';
  readonly credential: Credential;
  readonly requests: readonly Pick<HttpCase, 'method' | 'path' | 'body'>[];
}

const reservedCase: fc.Arbitrary<ReservedCase> = fc.record({
  kind: fc.constant('reserved' as const),
  credential: fc.constantFrom<Credential>('head', 'admin', 'unitless', 'none'),
  requests: fc.array(
    fc.record({
      method: fc.constantFrom('POST', 'POST', 'POST', 'DELETE', 'GET', 'PUT'),
      path: fc.constantFrom(
        '/graphql',
        '/graphql?operationId=1',
        '/graphql/?operationId=__proto__',
        '/graphql?%ff',
      ),
      body: fc.oneof({ weight: 5, arbitrary: namedOperation.map(write) }, { weight: 1, arbitrary: body }),
    }),
    { maxLength: 6 },
  ),
});

const requestLine = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'post', 'CONNECT', 'PRI', '', 'G\u0000T', 'OPTIONS'),
    fc.constantFrom(
      '/graphql',
      '*',
      'http://other.example/graphql',
      '//',
      '/graphql?query=%',
      '/\u00ff',
      '',
      '/graphql?\u0001',
    ),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
  )
  .map((parts) => parts.join(' '));

const rawHeader = fc.constantFrom(
  'Host: x',
  'Host: a, b',
  'Host:',
  'Content-Type: application/json',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Expect: 100-continue',
  'Expect: something',
  'Connection: Upgrade, HTTP2-Settings',
  'Connection: close',
  'Upgrade: websocket',
  'Upgrade: foo',
  'Sec-WebSocket-Key: x',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 8',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
  'Sec-WebSocket-Protocol: ,,',
  'Sec-WebSocket-Extensions: permessage-deflate; x',
  'Authorization: Bearer',
  'Authorization: Bearer \u00ff',
  'Accept: text/event-stream',
  `X-Long: ${'x'.repeat(20_000)}`,
  ': no name',
  'no colon',
);

const rawBody = fc.constantFrom(
  '',
  '{"query":"{__typename}"}',
  '5\r\n{"que\r\n0\r\n\r\n',
  'zz\r\n',
  'ffffffffffffffff\r\n',
  '17\r\n{"query":"{__typename}"}\r\n0\r\n\r\n',
  '0\r\nX: y\r\n\r\n',
  '\u0081\u0005hello',
);

const rawCase: fc.Arbitrary<RawCase> = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(requestLine, fc.array(rawHeader, { maxLength: 8 }), rawBody)
        .map(([line, lines, rest]) => Buffer.from([line, ...lines, '', rest].join('\r\n'), 'latin1')),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  )
  .map((bytes) => ({ kind: 'raw' as const, bytes: new Uint8Array(bytes) }));

const id: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', '2', '__proto__', 'constructor', '', 'toString') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: oddValue },
);

const type = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('subscribe', 'subscribe', 'subscribe', 'complete') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      'connection_init',
      'connection_ack',
      'ping',
      'pong',
      'next',
      'error',
      '__proto__',
      'constructor',
      'start',
      null,
      5,
    ),
  },
);

const message = fc
  .record(
    { id, type, payload: fc.oneof({ weight: 8, arbitrary: payload }, { weight: 1, arbitrary: oddValue }) },
    { requiredKeys: ['type'] },
  )
  .map(write);

/** An operation that the protocol allows, so that many conversations continue. */
const operation = fc
  .tuple(
    fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '__proto__'),
    fc.record({ query: documents, variables: objectOrNone, extensions: objectOrNone }),
  )
  .map(([name, what]) => write({ id: name, type: 'subscribe', payload: what }));

const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 30, arbitrary: operation.map((text) => ({ text })) },
  { weight: 2, arbitrary: message.map((text) => ({ text })) },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom('1', '2', '3', '__proto__')
      .map((name) => ({ text: `{"id":"${name}","type":"complete"}` })),
  },
  { weight: 1, arbitrary: damagedJson(message).map((text) => ({ text })) },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 50 })).map((text) => ({ text })),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((binary) => ({ binary })) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.uint8Array({ maxLength: 50 }),
        // Frames that RFC 6455 forbids: unmasked, invalid UTF-8, reserved bits and opcodes, truncated, odd close codes.
        fc
          .constantFrom(
            [0x81, 0x02, 0x68, 0x69],
            [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
            [0xf1, 0x80, 0, 0, 0, 0],
            [0x83, 0x80, 0, 0, 0, 0],
            [0x81, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed],
            [0x88, 0x81, 0, 0, 0, 0, 0x03],
            [0x89, 0xfe, 0x00, 0xff, 0, 0, 0, 0],
            [0x01, 0x81, 0, 0, 0, 0, 0x7b],
            [0x80, 0x80, 0, 0, 0, 0],
          )
          .map((bytes) => new Uint8Array(bytes)),
      )
      .map((raw) => ({ raw })),
  },
);

const socketCase: fc.Arbitrary<SocketCase> = fc.record({
  kind: fc.constant('socket' as const),
  credential: fc.constantFrom<Credential>(
    'head',
    'head',
    'head',
    'admin',
    'admin',
    'unitless',
    'none',
    'odd',
  ),
  frames: fc.array(frame, { minLength: 1, maxLength: 12 }),
});

export const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 10, arbitrary: httpCase },
  { weight: 2, arbitrary: manyCase },
  { weight: 1, arbitrary: reservedCase },
  { weight: 6, arbitrary: socketCase },
  { weight: 2, arbitrary: rawCase },
);
