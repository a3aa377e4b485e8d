/** Offers of other protocols. A request that offers no WebSocket is answered by HTTP/1.1, as if it had offered nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { watchConnections } from '../../src/transport/http-connections.ts';
import { ignoreOtherUpgrades } from '../../src/transport/upgrade.ts';
import { useApp } from '../support/app.ts';
import type { Addressed } from '../support/clients.ts';
import { useRawConnection } from '../support/raw.ts';
import { until } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

/** The offer as curl and Java's HttpClient send it. */
const H2C = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
];
const QUERY = JSON.stringify({ query: '{ viewer { id } }' });

function head(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
}

const health = (...headers: readonly string[]): string => head('GET /health', ...headers);

async function postHead(...headers: readonly string[]): Promise<string> {
  const authorization = `Authorization: Bearer ${await people.head()}`;
  return head('POST /graphql', 'Content-Type: application/json', authorization, ...H2C, ...headers);
}

const ANSWER = '{"data":{"viewer":{"id":"17"}}}';
const length = `Content-Length: ${QUERY.length}`;
const chunks = `5\r\n${QUERY.slice(0, 5)}\r\n${(QUERY.length - 5).toString(16)}\r\n${QUERY.slice(5)}\r\n0\r\n\r\n`;

describe('A request that offers h2c is answered by HTTP/1.1', () => {
  test.each(['/health', '/ready', '/metrics'])('on GET %s', async (path) => {
    const connection = await useRawConnection(await useApp());
    connection.send(head(`GET ${path}`, ...H2C));
    await connection.receives('HTTP/1.1 200 OK');
    expect(connection.text).not.toMatch(/101|upgrade/i);
  });

  test('with a body of a known length', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send((await postHead(length)) + QUERY);
    await connection.receives(ANSWER);
  });

  test('with a body that comes later, in small parts', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send(await postHead(length));
    await until(() => connection.socket.bytesWritten > 0);
    for (const part of QUERY.match(/.{1,9}/g) ?? []) {
      connection.send(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await connection.receives(ANSWER);
  });

  test('with a body in chunks', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send((await postHead('Transfer-Encoding: chunked')) + chunks);
    await connection.receives(ANSWER);
  });

  test('with a body that waits for 100 Continue', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send(await postHead('Expect: 100-continue', 'Transfer-Encoding: chunked'));
    await connection.receives('HTTP/1.1 100 Continue');
    connection.send(chunks);
    await connection.receives(ANSWER);
  });

  test('with an event stream', async () => {
    const app = await useApp();
    const connection = await useRawConnection(app);
    const body = JSON.stringify({ query: 'subscription { storageUpdated { id } }' });
    connection.send(await postHead('Accept: text/event-stream', `Content-Length: ${body.length}`));
    connection.send(body);
    await connection.receives('text/event-stream');
    await until(() => app.stats().subscriptions === 1);
    connection.socket.destroy();
    await until(() => app.stats().subscriptions === 0);
  });

  test('between other requests on the same connection, each in order', async () => {
    const connection = await useRawConnection(await useApp());
    const post = (await postHead(length)) + QUERY;
    connection.send(health() + post + health(...H2C) + head('GET /nope', ...H2C) + post + health());
    await connection.receives('HTTP/1.1 ', 6);
    expect(connection.text.match(/"viewer"|"ok"|"not found"/g)).toEqual([
      '"ok"',
      '"viewer"',
      '"ok"',
      '"not found"',
      '"viewer"',
      '"ok"',
    ]);
  });

  test('a hundred times on one connection, which leaves nothing open', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const app = await useApp({ SHUTDOWN_SECONDS: '3600' });
    const connection = await useRawConnection(app);
    for (let count = 1; count <= 100; count += 1) {
      connection.send(health(...H2C));
      await connection.receives('"ok"', count);
    }
    expect(warnings).toEqual([]);
    await app.close(); // at once: the connection was counted once, and is idle
  });

  test('and its connection is closed if the request says so', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send(health('Connection: close, Upgrade', 'Upgrade: h2c'));
    await until(() => connection.socket.closed);
    expect(connection.text).toMatch(/200 OK.*Connection: close/s);
  });

  test('unless it has more headers than Node keeps', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send(health(...Array.from({ length: 1200 }, () => 'a: b'), ...H2C));
    await until(() => connection.socket.closed);
    expect(connection.text).toContain('HTTP/1.1 431 ');
  });
});

test.each(['TLS/1.0', 'h2c, TLS/1.0', 'websocketx', 'x'])(
  'A request that offers %s is answered by HTTP/1.1, too',
  async (offer) => {
    const connection = await useRawConnection(await useApp());
    connection.send(health('Connection: upgrade', `Upgrade: ${offer}`));
    await connection.receives('HTTP/1.1 200 OK');
  },
);

describe('An offer of a WebSocket', () => {
  const handshake = (path: string, offer: string): string =>
    head(
      `GET ${path}`,
      'Connection: keep-alive, Upgrade',
      `Upgrade: ${offer}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
    );

  test.each(['websocket', 'WebSocket', 'WEBSOCKET', 'h2c, websocket'])('as %s is accepted', async (offer) => {
    const connection = await useRawConnection(await useApp());
    connection.send(handshake('/graphql', offer));
    await connection.receives('HTTP/1.1 101 Switching Protocols');
  });

  test('on another path is 404', async () => {
    const connection = await useRawConnection(await useApp());
    connection.send(handshake('/health', 'websocket'));
    await connection.receives('HTTP/1.1 404 Not Found');
  });
});

/** A server that answers each request with a copy of it. */
async function useEcho(): Promise<Addressed> {
  const server = createServer((request, response) => {
    const { method, url, rawHeaders } = request;
    let body = '';
    request.setEncoding('latin1').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.end(`<${Buffer.from(JSON.stringify({ method, url, rawHeaders, body })).toString('base64')}>`);
    });
  });
  ignoreOtherUpgrades(
    server,
    watchConnections(server, { lookMs: 60_000, stalledMs: () => 60_000, onStalled: () => undefined }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('The rest of such a request arrives byte for byte, and no additional request arrives', async () => {
  const connection = await useRawConnection(await useEcho());
  const value = fc
    .stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/)
    .map((text) => text.trim())
    .filter((text) => !/^[\t ]|[\t ]$/.test(text));
  const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/).map((text) => `X-${text}`);
  const url = fc.stringMatching(/^[!-~]{0,30}$/).map((text) => `/${text}`);
  let count = 0;
  const ask = async (request: string): Promise<unknown> => {
    count += 1;
    connection.send(request);
    await connection.receives('>', count);
    const answers = connection.text.match(/<[^>]*>/g) ?? [];
    expect(answers).toHaveLength(count);
    return JSON.parse(Buffer.from(answers[count - 1]?.slice(1, -1) ?? '', 'base64').toString());
  };
  await fc.assert(
    fc.asyncProperty(url, fc.array(fc.tuple(name, value)), value, async (target, pairs, body) => {
      const headers = pairs.map(([key, text]) => `${key}: ${text}`);
      const said = [...headers, `Content-Length: ${body.length}`];
      const plain = await ask(head(`POST ${target}`, ...said) + body);
      expect(await ask(head(`POST ${target}`, ...H2C, ...said) + body)).toEqual(plain);
    }),
    { numRuns: 200 },
  );
});
