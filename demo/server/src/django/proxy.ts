import { request as ask } from 'node:http';
import type { RequestHandler } from 'dms-live';

/**
 * Passes requests on to a server of this machine and its answers back, as they come.
 * @param target e.g. `http://127.0.0.1:8000`.
 */
export function createProxy(target: string): RequestHandler {
  return (request, response) => {
    const { method, headers, url = '/' } = request;
    // The Host stays the browser's: Django compares it with the Origin.
    const passed = ask(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    passed.on('error', () => {
      if (response.headersSent) response.destroy();
      else {
        response.writeHead(502, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ detail: 'The DMS does not answer.' }));
      }
    });
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  };
}
