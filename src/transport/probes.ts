import { createServer } from 'node:http';
import type { Readiness } from '../health.ts';
import type { Logger } from '../log.ts';
import { listen } from './listen.ts';
import { pathOf } from './paths.ts';
import { answer, notFound, type RequestHandler, sendJson } from './responses.ts';

/** What the operator's programs ask a server for. */
export interface Probes {
  /** Whether the server may take traffic now; the answer to `/ready`. */
  readonly readiness: () => Promise<Readiness>;
  /** The answer to `/metrics`, in Prometheus' text format. */
  readonly metrics: () => Promise<MetricsText>;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** A server for the probes alone. */
export interface ProbeServer {
  /** Where it listens, e.g. `http://127.0.0.1:9400`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ProbeServerOptions {
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
  readonly log: Logger;
}

export const METRICS_PATH = '/metrics';

/** A few programs ask, each with a connection or two. More are a mistake, and must not cost memory. */
const MAX_CONNECTIONS = 100;

/** The handlers by their paths: at the root, where an orchestrator asks the process itself, and below the base path. */
export function routeProbes({ readiness, metrics }: Probes, basePath: string): Map<string, RequestHandler> {
  const handlers: Record<string, RequestHandler> = {
    '/health': (_request, response) => sendJson(response, 200, { status: 'ok' }),
    '/ready': async (_request, response) => {
      const state = await readiness();
      sendJson(response, state.ready ? 200 : 503, state);
    },
    [METRICS_PATH]: async (_request, response) => {
      const { contentType, text } = await metrics();
      response.writeHead(200, { 'content-type': contentType }).end(text);
    },
  };
  const paths = Object.entries(handlers);
  return new Map([...paths, ...paths.map(([path, handle]) => [basePath + path, handle] as const)]);
}

/** Answers the probes, and nothing else, on a port of their own. It has no limits by address: strangers must not reach it. */
export async function startProbeServer(
  probes: Probes,
  { host, port, basePath, log }: ProbeServerOptions,
): Promise<ProbeServer> {
  const routes = routeProbes(probes, basePath);
  const server = createServer((request, response) => {
    const path = pathOf(request);
    void answer(routes.get(path) ?? notFound, request, response, { path, log });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const url = await listen(server, host, port);
  log.info({ url }, 'metrics and probes are listening');
  return {
    url,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
