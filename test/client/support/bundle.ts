import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { RequestHandler } from '../../../src/transport/responses.ts';

const PAGE = `<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:," />
<div id="root"></div><script type="module" src="/page.js"></script></html>`;

/** Bundles a page of this folder in development mode, so that StrictMode mounts everything twice, and serves it at `/`. */
export async function servePage(name: string): Promise<RequestHandler> {
  const input = fileURLToPath(new URL(`./pages/${name}.tsx`, import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"development"' },
    build: { write: false, minify: false, rolldownOptions: { input } },
  });
  if (!('output' in result)) throw new Error('Vite has built something else');
  const [{ code }] = result.output;
  return (request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? code : PAGE);
  };
}
