import type { Data } from '../../support/clients.ts';
import type { TestDms } from './dms.ts';

/** A person who works with the DMS. */
export interface Person {
  /** The access token that the DMS gave. */
  readonly token: string;
  readonly refreshToken: string;
  get(path: string): Promise<Data>;
  post(path: string, body?: object): Promise<Data>;
  /** A POST whose answer is a list of rows. */
  postMany(path: string, body: object): Promise<Data[]>;
  put(path: string, body: object): Promise<Data>;
  remove(path: string): Promise<void>;
  /** Returns every answer, even a refusal. */
  ask(method: string, path: string, body?: object): Promise<Reply>;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Data;
}

/** Signs in through the API. The password of every user is "demo". */
export async function signIn(dms: Pick<TestDms, 'url'>, username: string): Promise<Person> {
  const { access, refresh } = await enter(dms, 'token', { username, password: 'demo' });
  return personWith(dms, access, refresh);
}

/** Gets a new access token, as a browser does when its old one is refused. */
export async function refreshed(dms: Pick<TestDms, 'url'>, { refreshToken }: Person): Promise<Person> {
  const { access } = await enter(dms, 'token/refresh', { refresh: refreshToken });
  return personWith(dms, access, refreshToken);
}

async function enter(dms: Pick<TestDms, 'url'>, path: string, body: object): Promise<Data> {
  const reply = await call(`${dms.url}/api/${path}/`, 'POST', undefined, body);
  return bodyOf(reply, path);
}

function personWith(dms: Pick<TestDms, 'url'>, token: string, refreshToken: string): Person {
  const ask = (method: string, path: string, body?: object): Promise<Reply> =>
    call(`${dms.url}/api/${path}`, method, token, body);
  return {
    token,
    refreshToken,
    ask,
    get: async (path) => bodyOf(await ask('GET', path), path),
    post: async (path, body = {}) => bodyOf(await ask('POST', path, body), path),
    async postMany(path, body) {
      const rows: unknown = bodyOf(await ask('POST', path, body), path);
      if (!Array.isArray(rows)) throw new TypeError(`${path} answers no list`);
      return rows;
    },
    put: async (path, body) => bodyOf(await ask('PUT', path, body), path),
    async remove(path) {
      bodyOf(await ask('DELETE', path), path);
    },
  };
}

async function call(url: string, method: string, token?: string, body?: object): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const { status, headers: answered } = response;
  return { status, headers: answered, body: isJson ? JSON.parse(text) : {} };
}

function bodyOf({ status, body }: Reply, path: string): Data {
  if (status >= 300) throw new Error(`${path} answers ${status}: ${JSON.stringify(body)}`);
  return body;
}
