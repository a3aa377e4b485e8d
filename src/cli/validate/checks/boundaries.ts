/** What strangers, other origins and clients that break the protocol meet. */
import { messageOf } from '../../../errors.ts';
import { subscriptionFields } from '../../../events/kinds.ts';
import { answerTo, send } from '../../doctor/http-probe.ts';
import type { Bench } from '../bench.ts';
import { readAnswer } from '../operation.ts';
import { callHttp } from '../over-http.ts';
import { initOf, openSocketClient } from '../over-websocket.ts';
import { expectClosed } from './closing.ts';

export async function examineBoundaries(bench: Bench): Promise<void> {
  await examineOrigins(bench);
  await examineProtocol(bench);
  await examineStrangersDocuments(bench);
}

/** Origins that are none of the installation. Some look like its own. */
function strangeOrigins({ protocol, host, hostname }: URL): readonly string[] {
  return [
    'https://evil.example',
    'null',
    `${protocol}//${host}.evil.example`,
    `${protocol}//evil-${host}`,
    `${protocol}//${hostname}:1`,
    `${protocol}//evil.example/${host}`,
    `${protocol}//${host}@evil.example`,
  ];
}

async function examineOrigins({ wire, findings, people }: Bench): Promise<void> {
  const [viewer] = people.viewers;
  for (const origin of strangeOrigins(wire.url)) {
    const socket = await openSocketClient(wire, initOf(viewer?.token), origin);
    findings.add('BND-1', {
      what: `an upgrade by a page of ${origin}`,
      transport: 'WebSocket',
      expected: '403',
      got: socket.closed === undefined ? 'let in' : `${socket.closed.by}`,
      isGood: socket.closed?.by === 403,
    });
    socket.close();
    const { headers } = await callHttp(wire, viewer?.token, { query: '{ viewer { id } }' }, { origin });
    const allowed = headers['access-control-allow-origin'];
    findings.add('BND-1', {
      what: `a request by a page of ${origin}`,
      transport: 'HTTP',
      expected: 'no Access-Control-Allow-Origin: its browser gives it nothing',
      got: allowed ?? 'none',
      isGood: allowed === undefined,
    });
    await preflight(wire.url, origin).then(
      (answer) =>
        findings.add('BND-1', {
          what: `a preflight by a page of ${origin}`,
          transport: 'HTTP',
          expected: 'no Access-Control-Allow-Origin',
          got: answer ?? 'none',
          isGood: answer === undefined,
        }),
      (error: unknown) => findings.notShown('BND-1', `a preflight: ${messageOf(error)}`),
    );
  }
}

async function preflight(url: URL, origin: string): Promise<string | undefined> {
  const sent = send(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  const response = await answerTo(sent);
  response.resume();
  return response.headers['access-control-allow-origin'];
}

/** How a socket must be closed for what it sends. */
interface Breach {
  readonly what: string;
  readonly signsIn: boolean;
  readonly messages: readonly string[];
  readonly code: number;
}

const BREACHES: readonly Breach[] = [
  { what: 'no JSON', signsIn: true, messages: ['garbage'], code: 4400 },
  { what: 'a message of no type', signsIn: true, messages: ['{}'], code: 4400 },
  { what: 'a message of an unknown type', signsIn: true, messages: ['{"type":"start"}'], code: 4400 },
  {
    what: 'a second connection_init',
    signsIn: true,
    messages: ['{"type":"connection_init"}'],
    code: 4429,
  },
  {
    what: 'an operation before signing in',
    signsIn: false,
    messages: ['{"id":"1","type":"subscribe","payload":{"query":"{ viewer { id } }"}}'],
    code: 4401,
  },
  {
    what: 'a connection_init without a token',
    signsIn: false,
    messages: ['{"type":"connection_init"}'],
    code: 4401,
  },
];

async function examineProtocol(bench: Bench): Promise<void> {
  const { wire, findings, people } = bench;
  const [viewer] = people.viewers;
  const twice = followTwice(bench);
  for (const { what, signsIn, messages, code } of [...BREACHES, ...twice]) {
    const socket = await openSocketClient(wire, signsIn ? initOf(viewer?.token) : null);
    for (const message of messages) socket.send(message);
    await expectClosed(bench, socket, { id: 'BND-2', what, code });
  }
  const other = await openWithProtocol(wire.url);
  findings.add('BND-2', {
    what: 'another subprotocol',
    transport: 'WebSocket',
    expected: 'closed with 4406, or refused',
    got: other,
    isGood: other !== 'let in',
  });
}

/** Two operations of one id at a time. */
function followTwice({ domain }: Bench): readonly Breach[] {
  const [field] = subscriptionFields(domain.schema);
  const payload = { query: `subscription { ${field?.name} { id } }` };
  const message = JSON.stringify({ id: 'twice', type: 'subscribe', payload });
  return [{ what: 'two operations of one id', signsIn: true, messages: [message, message], code: 4409 }];
}

async function openWithProtocol(url: URL): Promise<string> {
  const { WebSocket } = await import('ws');
  const address = new URL(url);
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, 'graphql-ws', { handshakeTimeout: 5000 });
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('let in'), 5000);
    const settle = (said: string): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(said);
    };
    socket.on('error', () => settle('refused'));
    socket.once('close', (code) => settle(`closed with ${code}`));
  });
}

/** A stranger must not find out by error messages what the schema has. */
async function examineStrangersDocuments({ wire, findings }: Bench): Promise<void> {
  for (const query of [
    '{ viewer { id noSuchField } }',
    '{ viewer(noSuchArgument: 1) { id } }',
    '{ viewer { ...NoSuchFragment } }',
  ]) {
    const { status, body } = await callHttp(wire, undefined, { query });
    const { errors } = readAnswer(body);
    const said = errors.map(({ code }) => code).join() || `${status}`;
    const isQuiet = errors.every(({ message }) => !/noSuch|Cannot query|Did you mean/i.test(message));
    const isRefused = status >= 400 && errors.every(({ code }) => code === 'UNAUTHENTICATED');
    findings.add('BND-3', {
      what: 'a wrong document without a token',
      transport: 'HTTP',
      sent: query,
      expected: 'UNAUTHENTICATED, and no word about the schema',
      got: said,
      isGood: isRefused && isQuiet,
    });
  }
}

/** What was received in the whole run. */
export async function examineTranscript({ wire: { transcript }, findings }: Bench): Promise<void> {
  const { found, messages, characters } = transcript;
  findings.add('BND-4', {
    what: `${messages} messages, ${characters} characters`,
    expected: 'no token, no stack trace, no path of the server, no address of Redis',
    got: found.length === 0 ? 'none' : found.join(', '),
    isGood: found.length === 0 && messages > 0,
  });
}
