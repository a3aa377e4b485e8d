import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createStaticFile,
  IMMUTABLE,
  notFound,
  type RequestHandler,
  type StaticFile,
  sendStaticFile,
} from 'dms-live';

/** Where the demo app is built to: seen from here the same, in `src` and in `dist`. */
export const APP_FOLDER = fileURLToPath(new URL('../../app/dist', import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>dms-live demo</title>
<body style="font: 16px/1.5 system-ui; margin: 4rem auto; max-width: 40rem; padding: 0 1rem">
<h1>The demo app is not built</h1>
<p>Stop the demo and start it with <code>npm run demo</code>, which builds everything.
Meanwhile <a href="graphql">GraphiQL</a> is here.</p>
`;

/** The app runs nothing and asks nobody but this server; React and the charts style elements inline. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves a built single-page app. It is read once, at the start: only what was there then can ever be asked for.
 * @param folder where it was built to; need not exist, then a page says how to build it.
 */
export async function createAppFiles(folder: string): Promise<RequestHandler> {
  const files = await readFiles(folder);
  const index = files.get('/index.html');
  return (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    const file = path === '/' ? index : files.get(path);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && file !== undefined) sendStaticFile(file, request, response);
    else if (isRead && path === '/') sendNotBuilt(response);
    else if (isRead && isPage(path)) response.writeHead(302, { location: folderOf(path) }).end();
    else notFound(request, response);
  };
}

/** Something that a person may have typed: the app keeps its own places after a `#`. The name of a file has a dot. */
function isPage(path: string): boolean {
  return !path.slice(path.lastIndexOf('/')).includes('.');
}

/** From a page to the folder of the app, wherever that is served: `./` for `/a`, `../` for `/a/b`. */
function folderOf(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './';
}

async function readFiles(folder: string): Promise<Map<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      return [path, describe(path, await readFile(file))] as const;
    });
  return new Map(await Promise.all(files));
}

function describe(path: string, content: Buffer): StaticFile {
  return createStaticFile(content, {
    'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    // Vite names what is in there by its content.
    'cache-control': path.startsWith('/assets/') ? IMMUTABLE : 'no-cache',
    ...(path.endsWith('.html') && { 'content-security-policy': POLICY }),
  });
}

function sendNotBuilt(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(NOT_BUILT);
}
