/** Where the server is reached, by each way. */
export interface Endpoints {
  readonly http: string;
  readonly websocket: string;
}

/**
 * Reads the address that the app was given: absolute, or relative to the page.
 * @throws {TypeError} if it is no address of a server.
 */
export function readEndpoints(url: string): Endpoints {
  const base = typeof location === 'undefined' ? undefined : location.href;
  const address = new URL(url, base);
  const protocols = PROTOCOLS[address.protocol];
  if (protocols === undefined) throw new TypeError(`The url must begin with http(s) or ws(s): ${url}`);
  address.hash = '';
  const rest = address.href.slice(address.protocol.length);
  return { http: `${protocols.http}${rest}`, websocket: `${protocols.websocket}${rest}` };
}

const PLAIN: Endpoints = { http: 'http:', websocket: 'ws:' };
const SECURE: Endpoints = { http: 'https:', websocket: 'wss:' };
const PROTOCOLS: Readonly<Record<string, Endpoints>> = {
  'http:': PLAIN,
  'ws:': PLAIN,
  'https:': SECURE,
  'wss:': SECURE,
};
