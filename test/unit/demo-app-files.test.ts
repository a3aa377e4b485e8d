import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useDemo } from '../support/demo.ts';

async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-app-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A built app, next to a file that must not be served. */
async function useBuiltApp(): Promise<string> {
  const folder = await useFolder();
  const appFolder = join(folder, 'dist');
  await mkdir(join(appFolder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(appFolder, 'index.html'), '<!doctype html><title>App</title>');
  await writeFile(join(appFolder, 'assets', 'index-1a2b.js'), 'export {};');
  const { app } = await useDemo({}, { appFolder });
  return app.url;
}

/** Requests a path exactly as written: `fetch` would normalize it. */
function askRaw(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('The demo app', () => {
  test('is served at /, and at every address without a file', async () => {
    const url = await useBuiltApp();
    for (const path of ['/', '/?a=1', '/index.html', '/requests', '/requests/17']) {
      const response = await fetch(`${url}${path}`);
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        200,
        'text/html; charset=utf-8',
        '<!doctype html><title>App</title>',
      ]);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });

  test('is not sent again to a browser that has it cached', async () => {
    const url = await useBuiltApp();
    const script = await fetch(`${url}/assets/index-1a2b.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
    const headers = { 'if-none-match': script.headers.get('etag') ?? '' };
    expect((await fetch(`${url}/assets/index-1a2b.js`, { headers })).status).toBe(304);
    expect((await fetch(url, { headers })).status).toBe(200);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '33']);
  });

  test('serves no file from outside its folder', async () => {
    const url = await useBuiltApp();
    const others = [
      '/assets/index-0000.js',
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '//secret.txt',
      '/etc/passwd.txt',
    ];
    for (const path of others) expect(await askRaw(url, path), path).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
  });

  test('explains how to build it if it is not built', async () => {
    const { app } = await useDemo({}, { appFolder: join(await useFolder(), 'none') });
    const response = await fetch(app.url);
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run demo')]);
    expect((await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(200);
  });
});
