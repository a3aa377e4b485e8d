/** Where the server is reached, by each way. */
export interface Endpoints {
  readonly http: string;
  readonly websocket: string;
}

/**
 * Reads the address that the app was given: absolute, or relative to the page. A server that renders the page imports the same
 * module, and has no page: there a relative address is `undefined`.
 * @throws {TypeError} if it is no address of a server.
 */
export function readEndpoints(url: string): Endpoints | undefined {
  const address = new URL(url, typeof location === 'undefined' ? NO_PAGE : location.href);
  if (address.protocol === NO_PAGE.protocol) return undefined;
  const protocols = PROTOCOLS[address.protocol];
  if (protocols === undefined) throw new TypeError(`The url must begin with http(s) or ws(s): ${url}`);
  address.hash = '';
  const rest = address.href.slice(address.protocol.length);
  return { http: `${protocols.http}${rest}`, websocket: `${protocols.websocket}${rest}` };
}

/** @throws {TypeError} if the url is relative and there is no page. */
export function requirePage(endpoints: Endpoints | undefined, url: string): void {
  if (endpoints === undefined)
    throw new TypeError(`There is no page that ${url} could be relative to: give an absolute url, https://…`);
}

const NO_PAGE = /*#__PURE__*/ new URL('no-page://host/');
const PLAIN: Endpoints = { http: 'http:', websocket: 'ws:' };
const SECURE: Endpoints = { http: 'https:', websocket: 'wss:' };
const PROTOCOLS: Readonly<Record<string, Endpoints>> = {
  'http:': PLAIN,
  'ws:': PLAIN,
  'https:': SECURE,
  'wss:': SECURE,
};
