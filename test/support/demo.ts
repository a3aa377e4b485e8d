import { onTestFinished } from 'vitest';
import type { DemoConfig } from '../../demo/server/src/settings.ts';
import { type Demo, type DemoOptions, readDemoConfig, startDemo } from '../../demo/server/src/start-demo.ts';
import type { Addressed, Data } from './clients.ts';

/** A demo for the running test. The simulated people do nothing, unless `DEMO_PACE` is set. */
export async function useDemo(settings: Record<string, string> = {}, options?: DemoOptions): Promise<Demo> {
  const demo = await startDemo(readQuietConfig(settings), options);
  onTestFinished(demo.close);
  return demo;
}

/** The settings of a demo for tests. */
export function readQuietConfig(settings: Record<string, string> = {}): DemoConfig {
  const quiet = {
    PORT: '0',
    LOG_LEVEL: 'silent',
    SHUTDOWN_SECONDS: '1',
    DEMO_PACE: 'paused',
    DEMO_SEED: '7',
  };
  return readDemoConfig({ ...quiet, ...settings });
}

export interface Answer {
  readonly status: number;
  readonly body: Data;
}

/** A person who uses the REST API. */
export interface Visitor {
  readonly access: string;
  readonly refresh: string;
  get(path: string): Promise<Answer>;
  /** @param key the header `Idempotency-Key`. */
  post(path: string, body?: unknown, key?: string): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  remove(path: string): Promise<Answer>;
}

export async function ask(
  { url }: Addressed,
  method: string,
  path: string,
  { token, body, key }: { readonly token?: string; readonly body?: unknown; readonly key?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: isJson ? JSON.parse(text) : {} };
}

/** Signs in. All people have the same password. */
export async function visit({ app }: { readonly app: Addressed }, username: string): Promise<Visitor> {
  const { status, body } = await ask(app, 'POST', '/token/', { body: { username, password: 'demo' } });
  if (status !== 200) throw new Error(`${username} cannot sign in: ${status} ${body['detail']}`);
  const { access, refresh } = body;
  const as = (method: string) => (path: string, sent?: unknown, key?: string) =>
    ask(app, method, path, { token: access, body: sent, ...(key !== undefined && { key }) });
  return { access, refresh, get: as('GET'), post: as('POST'), put: as('PUT'), remove: as('DELETE') };
}

/** The first row of a list. Throws if the list is empty. */
export async function firstOf(visitor: Visitor, path: string): Promise<Data> {
  const [first] = (await visitor.get(path)).body['results'] ?? [];
  if (first === undefined) throw new Error(`${path} lists nothing`);
  return first;
}

export const SIGNED = { signature: 'demo' };
