/** GraphiQL's files over the wire. test/browser runs them in a browser. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useApp, useTalkativeApp } from '../support/app.ts';
import type { Addressed } from '../support/clients.ts';
import { useDemo } from '../support/demo.ts';
import { until } from '../support/redis.ts';

const GRAPHIQL = { GRAPHIQL: 'true' };
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function page({ url }: Addressed, path = '/graphql', method = 'GET') {
  const response = await fetch(url + path, { method, headers: HTML });
  return { response, html: await response.text(), address: url + path };
}

/** The addresses of the files that a page refers to. */
function filesOf({ html, address }: { html: string; address: string }): string[] {
  return [...html.matchAll(/"(\.[^"]*assets\/[^"]+)"/g)].map(([, file = '']) => new URL(file, address).href);
}

describe('GraphiQL’s page', () => {
  test('is small, is never cached, runs only scripts of this server, and cannot be framed', async () => {
    const { response, html } = await page(await useApp(GRAPHIQL));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = new Map(
      response.headers
        .get('content-security-policy')
        ?.split('; ')
        .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]),
    );
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('script-src')).toBe("'self'");
    expect(policy.get('frame-ancestors')).toBe("'none'");
    expect(policy.get('connect-src')).toBe("'self'");
    expect(html.length).toBeLessThan(8192);
    expect(html).toContain('<title>dms-live</title>');
    const scripts = html.match(/<script[^>]*>/g) ?? [];
    for (const script of scripts) expect(script).toMatch(/ src="\.|type="application\/json"/);
  });

  test('is described by HEAD; a program does not get it', async () => {
    const app = await useApp(GRAPHIQL);
    const head = await page(app, '/graphql', 'HEAD');
    expect([head.response.status, head.html]).toEqual([200, '']);
    for (const headers of [{}, { accept: 'application/json' }]) {
      const response = await fetch(`${app.url}/graphql?query={__typename}`, { headers });
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
    }
  });

  test('of the demo is small, too, and its data cannot end its script', async () => {
    const { app } = await useDemo();
    const { html } = await page(app, '/graphql?as=section-head');
    expect(html.length).toBeLessThan(16_384);
    expect(html).toContain('<title>Section Head of unit 1</title>');
    expect(html.match(/<\/?script/g)).toHaveLength(6);
  });
});

describe('GraphiQL’s files', () => {
  test('are named by their content, cached for a year, and found on every path of the page', async () => {
    const app = await useApp({ ...GRAPHIQL, BASE_PATH: '/live' });
    const files = filesOf(await page(app, '/live/graphql'));
    expect(files).toEqual(filesOf(await page(app, '/live/graphql/?query={a}')));
    expect(files.length).toBe(7);
    for (const file of files) {
      expect(file).toMatch(/\/live\/graphql\/assets\/[a-z-]+\.[0-9a-f]{16}\.(js|css|ico)$/);
      const { status, headers } = await fetch(file, { method: 'HEAD' });
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('vary')).toBe('Accept-Encoding');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-type')).toMatch(/^(text\/(javascript|css); charset=utf-8|image\/x-icon)$/);
    }
  });

  test('are soon compressed', async () => {
    const files = filesOf(await page(await useApp(GRAPHIQL)));
    for (const encoding of ['gzip', 'br']) {
      let bytes = 0;
      for (const file of files) {
        let answer: Response | undefined;
        await until(async () => {
          answer = await fetch(file, { method: 'HEAD', headers: { 'accept-encoding': encoding } });
          return answer.headers.get('content-encoding') === encoding;
        });
        bytes += Number(answer?.headers.get('content-length'));
      }
      expect(bytes).toBeLessThan(2_600_000);
    }
  });

  test('are only those, and no others', async () => {
    const app = await useApp(GRAPHIQL);
    for (const name of [
      '',
      'graphiql.js',
      'constructor',
      '..%2f..%2fpackage.json',
      'start.0000000000000000.js',
    ])
      expect((await fetch(`${app.url}/graphql/assets/${name}`)).status, name).not.toBe(200);
    const [file = ''] = filesOf(await page(app));
    expect((await fetch(file, { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL(new URL(file).pathname, (await useApp()).url))).status).toBe(404); // here GraphiQL is off
  });

  test('are in memory once, even if many clients ask for them and do not read', async () => {
    const app = await useApp(GRAPHIQL);
    const file = filesOf(await page(app)).find((name) => /\/graphiql\.\w+\.js$/.test(name)) ?? '';
    const size = Number((await fetch(file, { method: 'HEAD' })).headers.get('content-length'));
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 40; count += 1) {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.write(`GET ${new URL(file).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'readable'); // its answer has begun
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * size);
  });
});

test('GraphiQL without introspection starts, with a warning', async () => {
  const { app, lines } = await useTalkativeApp({ ...GRAPHIQL, INTROSPECTION: 'false' });
  expect((await page(app)).response.status).toBe(200);
  expect(lines.filter((line) => line.includes('GraphiQL is on and introspection is off'))).toHaveLength(1);
});
