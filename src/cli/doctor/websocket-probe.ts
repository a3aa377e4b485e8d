import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocket } from 'ws';
import { PATIENCE_MS } from './http-probe.ts';

/** What came of an attempt to open a WebSocket. */
export type Opened =
  | { readonly socket: WebSocket; readonly status?: never; readonly reason?: never }
  /** The upgrade was answered by an ordinary response. */
  | { readonly socket?: never; readonly status: number; readonly reason?: never }
  | { readonly socket?: never; readonly status?: never; readonly reason: string };

export function openSocket(url: URL, origin?: string): Promise<Opened> {
  const address = new URL(url);
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
    handshakeTimeout: PATIENCE_MS,
    perMessageDeflate: false,
    ...(origin !== undefined && { origin }),
  });
  return new Promise((resolve) => {
    socket.on('error', (error) => resolve({ reason: error.message || 'no connection could be made' }));
    socket.once('open', () => resolve({ socket }));
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      resolve({ status: statusCode });
    });
  });
}

/** Whether messages pass in both directions: a server answers a ping also before the sign-in. */
export async function answersPing(socket: WebSocket): Promise<boolean> {
  const answer = await ask(socket, { type: 'ping' });
  return answer !== undefined;
}

/** What a server answers to `connection_init`: the type of its message, or the code by which it closes. */
export function signIn(socket: WebSocket, token: string | undefined): Promise<string | number | undefined> {
  const payload = token === undefined ? {} : { payload: { authorization: `Bearer ${token}` } };
  return ask(socket, { type: 'connection_init', ...payload });
}

function ask(socket: WebSocket, message: object): Promise<string | number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS, undefined);
    const settle = (answer: string | number): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.once('message', (data) => settle(typeOf(String(data))));
    socket.once('close', (code) => settle(code));
    socket.send(JSON.stringify(message));
  });
}

function typeOf(message: string): string {
  try {
    const read: unknown = JSON.parse(message);
    return typeof read === 'object' && read !== null && 'type' in read ? String(read.type) : 'no message';
  } catch {
    return 'no JSON';
  }
}
