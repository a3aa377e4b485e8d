/** A site behind a proxy that changes `Host`, as nginx does by default, and the log lines about refused pages. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { useApp, useTalkativeApp } from '../support/app.ts';
import type { Addressed } from '../support/clients.ts';

interface Asked {
  readonly origin: string;
  readonly host?: string;
}

/** Whether a page may read an answer over HTTP. */
function mayRead({ url }: Addressed, { origin, host = 'live:4000' }: Asked): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { origin, host };
    const sent = request(`${url}/graphql?query={__typename}`, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.headers['access-control-allow-origin'] === origin);
    });
    sent.on('error', reject).end();
  });
}

/** Whether a page may open a WebSocket. */
function mayOpen({ url }: Addressed, { origin, host = 'live:4000' }: Asked): Promise<boolean> {
  return new Promise((resolve) => {
    const address = `${url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(address, 'graphql-transport-ws', { origin, headers: { host } });
    socket.once('open', () => {
      socket.terminate();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const SITE = 'https://dms.example.org';
const HERE = { host: 'dms.example.org' };

test.each<[string, Record<string, string>, Asked, boolean]>([
  ['the site', { PUBLIC_ORIGIN: SITE }, { origin: SITE }, true],
  ['one of several sites', { PUBLIC_ORIGIN: `http://x, ${SITE}` }, { origin: SITE }, true],
  ['another site', { PUBLIC_ORIGIN: SITE }, { origin: 'https://evil.example' }, false],
  ['the site by another scheme', { PUBLIC_ORIGIN: SITE }, { origin: 'http://dms.example.org' }, false],
  [
    'the site by another scheme, which Host fits',
    { PUBLIC_ORIGIN: SITE },
    { origin: 'http://dms.example.org', ...HERE },
    false,
  ],
  ['the site by another port', { PUBLIC_ORIGIN: SITE }, { origin: `${SITE}:8443` }, false],
  ['the address itself beside the site', { PUBLIC_ORIGIN: SITE }, { origin: 'http://live:4000' }, true],
  [
    'a listed page beside the site',
    { PUBLIC_ORIGIN: SITE, CORS_ORIGINS: 'https://a.example' },
    { origin: 'https://a.example' },
    true,
  ],
  ['its own', {}, { origin: SITE, ...HERE }, true],
  ['its own, with a port in Host', {}, { origin: SITE, host: 'dms.example.org:443' }, true],
  ['its own, with capitals in Host', {}, { origin: SITE, host: 'DMS.Example.Org' }, true],
  ['another port', {}, { origin: SITE, host: 'dms.example.org:4000' }, false],
  ['a site whose proxy changes Host', {}, { origin: SITE }, false],
  ['an odd Host', {}, { origin: SITE, host: 'x@dms.example.org' }, false],
  ['nothing', { PUBLIC_ORIGIN: SITE }, { origin: 'null' }, false],
])('A page of %s gets the same decision over HTTP and WebSocket', async (_what, settings, asked, isLetIn) => {
  const app = await useApp(settings);
  expect([await mayRead(app, asked), await mayOpen(app, asked)]).toEqual([isLetIn, isLetIn]);
});

test('A refused origin is logged once, with the setting to change, and the number of such lines is limited', async () => {
  const { app, lines } = await useTalkativeApp();
  for (let time = 0; time < 2; time += 1) {
    await mayRead(app, { origin: SITE });
    await mayOpen(app, { origin: SITE });
  }
  const said = lines.filter((line) => line.includes('PUBLIC_ORIGIN'));
  expect(said).toHaveLength(1);
  expect(JSON.parse(said[0] ?? '')).toMatchObject({ level: 40, origin: SITE, host: 'live:4000' });
  expect(said[0]).toContain('CORS_ORIGINS');

  for (const origin of ['nonsense', 'more nonsense', 'null', `https://${'x'.repeat(5000)}.example`])
    await mayRead(app, { origin });
  for (let count = 0; count < 200; count += 1) await mayRead(app, { origin: `https://${count}.example` });
  const all = lines.filter((line) => line.includes('PUBLIC_ORIGIN'));
  expect(all).toHaveLength(100);
  for (const line of all) expect(line.length).toBeLessThan(700);
  expect(all.join()).not.toContain('nonsense');
  expect(lines.filter((line) => line.includes('further refused origins'))).toHaveLength(1);
});
