/** The way from a client to a server: what a proxy in between passes, changes and holds back. */
import type { Config } from '../../config/config.ts';
import { messageOf } from '../../errors.ts';
import type { Domain } from '../../events/domain.ts';
import { subscriptionFields } from '../../events/kinds.ts';
import { requiredRole } from '../../graphql/directives.ts';
import { CloseCode } from '../../transport/close-codes.ts';
import { type Finding, fault, note, ok, warning } from '../finding.ts';
import { answerTo, readText, send } from './http-probe.ts';
import { examineIdle, type IdleQuestion } from './idle.ts';
import { examineStream } from './stream-probe.ts';
import { answersPing, type Opened, openSocket, signIn } from './websocket-probe.ts';

export interface ProxyQuestion extends IdleQuestion {
  /** Where clients reach the API. */
  readonly url: URL;
  readonly config: Config;
  readonly domain: Domain;
  /** The address of a user's newest connection, as a server sees it. */
  readonly addressSeen: () => Promise<string | undefined>;
}

export async function examineProxy(question: ProxyQuestion): Promise<readonly Finding[]> {
  const { url } = question;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const http = await examineHttp(url);
  const encryption =
    url.protocol === 'https:' || isLocal
      ? []
      : [warning('TLS', 'tokens go over the network as they are', 'serve https')];
  if (http.level === 'fault') return [http, ...encryption];
  return [
    http,
    ...encryption,
    await examineProbes(url),
    ...(await examineSocket(question, isLocal)),
    ...(await examineOrigins(question)),
    ...(await examineStream(url, question.token, subscriptionOf(question.domain))),
    ...(await examineIdle(question, subscriptionOf(question.domain))),
  ];
}

async function examineHttp(url: URL): Promise<Finding> {
  try {
    const response = await answerTo(
      send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: '{"query":"{ __typename }"}',
      }),
    );
    const text = await readText(response);
    if (response.statusCode === 200 && text.includes('"__typename":"Query"'))
      return ok('HTTP', `the API answers at ${url.origin}${url.pathname}`);
    return fault(
      'HTTP',
      `${url.origin}${url.pathname} answers with status ${response.statusCode}, and not as the API does`,
      'is the path right (BASE_PATH, /graphql), and does the proxy lead to dms-live?',
    );
  } catch (error) {
    return fault(
      'HTTP',
      messageOf(error) || 'no connection could be made',
      'is the address right, seen from here?',
    );
  }
}

/** The probes need no token, so they are for the inside. */
async function examineProbes(url: URL): Promise<Finding> {
  const metrics = new URL(url.pathname.replace(/graphql\/?$/, 'metrics'), url);
  try {
    const response = await answerTo(send(metrics, { method: 'GET', headers: {} }));
    const isOpen = response.statusCode === 200 && (await readText(response)).includes('dms_live_');
    response.destroy();
    return isOpen
      ? warning(
          'metrics',
          `anybody can read ${metrics.pathname}`,
          'set METRICS_PORT, or let the proxy pass only /graphql',
        )
      : ok('metrics', 'not to be read from here');
  } catch (error) {
    return note('metrics', messageOf(error));
  }
}

async function examineSocket(
  { url, token, addressSeen }: ProxyQuestion,
  isLocal: boolean,
): Promise<readonly Finding[]> {
  const opened = await openSocket(url);
  if (opened.socket === undefined) return [explainUpgrade(opened)];
  const { socket } = opened;
  try {
    const passed = ok('WebSocket', 'the upgrade and its subprotocol pass');
    if (!(await answersPing(socket)))
      return [
        fault('messages', 'nothing comes back over the WebSocket', 'the proxy does not pass on what is sent'),
      ];
    const answer = await signIn(socket, token);
    if (answer === 'connection_ack') {
      const address = await addressSeen();
      return [passed, ok('sign-in', 'the token is accepted'), explainAddress(address, isLocal)];
    }
    if (token === undefined && answer === CloseCode.Unauthenticated)
      return [passed, ok('messages', 'they pass in both directions; without a token the server says 4401')];
    return [passed, explainSignIn(answer)];
  } finally {
    socket.terminate();
  }
}

function explainSignIn(answer: string | number | undefined): Finding {
  if (answer === CloseCode.Unauthenticated)
    return fault(
      'sign-in',
      'the server refuses the token (4401)',
      'the log of the server says why; see the tokens above',
    );
  if (answer === CloseCode.TryAgainLater || answer === undefined)
    return fault(
      'sign-in',
      'the server cannot check the token now',
      'see its /ready and its log: Redis, the issuer’s keys or PROFILE_URL do not answer it',
    );
  return fault('sign-in', `the server answers ${answer}`, 'the log of the server says why');
}

function explainUpgrade({
  status,
  reason,
}: Exclude<Opened, { readonly reason?: never; readonly status?: never }>): Finding {
  if (status === undefined)
    return /subprotocol/.test(reason ?? '')
      ? fault(
          'WebSocket',
          'the subprotocol is lost on the way',
          'let the proxy pass Sec-WebSocket-Protocol in both directions',
        )
      : fault('WebSocket', reason ?? '', 'clients use server-sent events instead, if those pass');
  const todo: Readonly<Record<number, string>> = {
    403: 'the server or a firewall refuses it; see the origins',
    429: 'this address is over a limit: wait a moment, and see docs/limits.md',
    503: 'the server is stopping',
  };
  return fault(
    'WebSocket',
    `the upgrade is answered by an ordinary response (${status})`,
    todo[status] ??
      'the proxy does not pass it on: nginx needs proxy_http_version 1.1, and Upgrade and Connection in proxy_set_header',
  );
}

function explainAddress(address: string | undefined, isLocal: boolean): Finding {
  if (address === undefined) return note('address', 'no server has said from where this client comes');
  const says = `the server sees this client at ${address}`;
  if (!isLocal && /^(127\.|::1$)/.test(address))
    return warning(
      'address',
      says,
      'a proxy stands there: name it in TRUSTED_PROXIES, and let it set X-Forwarded-For',
    );
  return ok('address', `${says}: if that is a proxy’s, name it in TRUSTED_PROXIES`);
}

/** Pages of another site must not get in; those of the site itself must. */
async function examineOrigins({ url, config }: ProxyQuestion): Promise<readonly Finding[]> {
  const own = config.publicOrigins.length === 0 ? [url.origin] : config.publicOrigins;
  const listed = config.corsOrigins.filter((origin) => origin !== '*');
  const findings: Finding[] = [];
  for (const origin of [...own, ...listed]) {
    const isIn = await isLetIn(url, origin);
    if (isIn === false)
      findings.push(
        fault(
          'origin',
          `pages of ${origin} are refused`,
          'set PUBLIC_ORIGIN to the site’s origin, or let the proxy keep Host',
        ),
      );
    if (isIn === true) findings.push(ok('origin', `pages of ${origin} are let in`));
  }
  if (config.corsOrigins.includes('*'))
    return [...findings, note('origin', 'CORS_ORIGINS lets in every page')];
  const isOpen = await isLetIn(url, STRANGE_ORIGIN);
  if (isOpen === true)
    findings.push(
      fault('origin', 'pages of other sites are let in', 'let the proxy pass the header Origin as it is'),
    );
  if (isOpen === false) findings.push(ok('origin', 'pages of other sites are refused'));
  return findings;
}

const STRANGE_ORIGIN = 'https://dms-live-doctor.invalid';

/** `undefined`: the upgrade fails for another reason, which is reported elsewhere. */
async function isLetIn(url: URL, origin: string): Promise<boolean | undefined> {
  const { socket, status } = await openSocket(url, origin);
  socket?.terminate();
  if (socket !== undefined) return true;
  return status === 403 ? false : undefined;
}

/** A subscription that everybody with a token may run. */
function subscriptionOf({ schema }: Domain): string {
  const field = subscriptionFields(schema).find((known) => requiredRole(schema, known) === undefined);
  return `subscription { ${field?.name ?? '__typename'} { __typename } }`;
}
