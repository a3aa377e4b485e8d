import { createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws/client';
import { readCloseCode } from './close-codes.ts';
import {
  type Closing,
  extensionsOf,
  type Fault,
  type Link,
  type LinkEvents,
  type LinkSink,
  LOST,
  LOST_LATE,
  type Past,
  type Result,
} from './link.ts';
import { type SendDocuments, sentDocument } from './sent-document.ts';
import { after } from './timer.ts';
import { createWatchdog } from './watchdog.ts';

/** What is needed of a WebSocket, beside what graphql-ws does with it. */
export interface Socket {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket implementation: the browser's, Node's, or that of `ws`. */
export type SocketConstructor = new (url: string, protocol: string) => Socket;

export interface WebSocketOptions {
  readonly url: string;
  readonly token: string;
  readonly webSocketImpl: SocketConstructor;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly documents: SendDocuments;
}

const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
/** How long a socket that reported an error has for closing. One that the page's CSP blocks never does, in Chromium. */
const CLOSING_MS = 100;
const PING = JSON.stringify({ type: 'ping' });

/**
 * Opens one WebSocket. graphql-ws speaks the protocol, for one connection: when and how to connect again is decided where
 * WebSocket and SSE are decided together.
 */
export function openWebSocket(options: WebSocketOptions, events: LinkEvents): Link {
  const { url, token, webSocketImpl, connectTimeoutMs, heartbeatMs, documents } = options;
  const sinks = new Map<string, LinkSink>();
  let operations = 0;
  let isOver = false;

  function finish(closing?: Closing): void {
    if (isOver) return;
    isOver = true;
    stopWaiting();
    watchdog.stop();
    sinks.clear();
    void Promise.resolve(client.dispose()).catch(() => undefined); // it was never connected
    socket.close(1000, 'Normal Closure');
    if (closing !== undefined) events.closed(closing);
  }

  const socket = new webSocketImpl(url, GRAPHQL_TRANSPORT_WS_PROTOCOL);
  let stopWaiting = after(connectTimeoutMs, () => finish(LOST));
  const ping = (): void => {
    if (socket.readyState === STATES.OPEN) socket.send(PING);
  };
  const watchdog = createWatchdog(heartbeatMs, ping, () => finish(LOST_LATE));
  const client = createClient({
    url,
    webSocketImpl: whichIs(socket),
    lazy: false,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
    generateID: () => `${++operations}`,
    onNonLazyError: () => undefined, // `closed` reports it
    on: {
      connected() {
        stopWaiting();
        if (!isOver) events.opened();
      },
      message: watchdog.received,
      ping(isReceived, payload) {
        if (!isReceived) return;
        for (const [id, past] of readPasts(payload)) sinks.get(id)?.past(past);
        for (const [id, cursor] of readPositions(payload)) sinks.get(id)?.position(cursor);
      },
      error() {
        stopWaiting();
        stopWaiting = after(CLOSING_MS, () => finish(LOST));
      },
      closed(event) {
        const closing = readCloseEvent(event);
        finish(closing === LOST && watchdog.isOverdue ? LOST_LATE : closing);
      },
    },
  });

  return {
    transport: 'websocket',
    isRenewable: true,
    run(request, sink) {
      const extensions = extensionsOf(request);
      const stop = client.subscribe<Result['data'], Result['extensions']>(
        {
          ...sentDocument(request, documents),
          variables: { ...request.variables },
          ...(extensions && { extensions }),
        },
        {
          next: (result) => sink.next(result as Result), // as the protocol has it
          error(error) {
            sinks.delete(id);
            if (Array.isArray(error) && !isOver) sink.ended(error as readonly Fault[]); // otherwise the link has closed
          },
          complete() {
            if (sinks.delete(id)) sink.ended([]);
          },
        },
      );
      const id = `${operations}`;
      sinks.set(id, sink);
      return () => {
        sinks.delete(id);
        stop();
      };
    },
    check: watchdog.check,
    close: () => finish(),
  };
}

/** graphql-ws makes its sockets itself: it is given one that is there, since making one may throw. */
function whichIs(socket: Socket): object {
  function Given(): Socket {
    return socket;
  }
  return Object.assign(Given, STATES);
}

/** `{ cursors: { <operation id>: <cursor> } }` */
function readPositions(payload: Readonly<Record<string, unknown>> | undefined): [string, string][] {
  const cursors = payload?.['cursors'];
  if (typeof cursors !== 'object' || cursors === null) return [];
  return Object.entries(cursors).filter(([, cursor]) => typeof cursor === 'string');
}

/** `{ past: { <operation id>: { ms, now } } }` */
function readPasts(payload: Readonly<Record<string, unknown>> | undefined): [string, Past][] {
  const pasts = payload?.['past'];
  if (typeof pasts !== 'object' || pasts === null) return [];
  return Object.entries(pasts).filter(
    ([, past]) => typeof past?.ms === 'number' && typeof past.now === 'number',
  );
}

function readCloseEvent(event: unknown): Closing {
  if (typeof event !== 'object' || event === null || !('code' in event)) return LOST;
  const reason = 'reason' in event && typeof event.reason === 'string' ? event.reason : '';
  return readCloseCode(Number(event.code), reason);
}
