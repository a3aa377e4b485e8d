import type { WebSocket } from 'ws';
import { isRecord } from '../../events/paths.ts';
import { openSocket } from '../doctor/websocket-probe.ts';
import { createOperation, type OperationRequest, type RunningOperation } from './operation.ts';
import { readJson, stringsOf, type Transport, type Wire } from './wire.ts';

/** A WebSocket of a client that speaks graphql-transport-ws. */
export interface SocketClient {
  /** The answer to `connection_init`: `connection_ack`, or how the connection ended. */
  readonly state: 'waiting' | 'acknowledged' | 'closed';
  /** Why it is closed: its close code, or the status that refused it. */
  readonly closed: { readonly by: string | number; readonly reason: string } | undefined;
  run(request: OperationRequest): RunningOperation;
  /** Sends a message as it is. */
  send(text: string): void;
  close(): void;
}

/** Opens a socket and, unless `init` is null, signs in by this payload. Resolves once the server has answered. */
export async function openSocketClient(
  wire: Wire,
  init: Readonly<Record<string, unknown>> | null,
  origin?: string,
): Promise<SocketClient> {
  const { news, transcript } = wire;
  const operations = new Map<string, RunningOperation>();
  let state: SocketClient['state'] = 'waiting';
  let closed: SocketClient['closed'];
  const opened = await openSocket(wire.url, origin);
  const socket: WebSocket | undefined = opened.socket;

  function finish(by: string | number, reason: string): void {
    state = 'closed';
    closed ??= { by, reason };
    for (const operation of operations.values()) operation.finish(by, reason);
    news.changed();
  }

  function receive(message: unknown): void {
    if (!isRecord(message)) return;
    const { type, id, payload } = message;
    const operation = typeof id === 'string' ? operations.get(id) : undefined;
    if (type === 'connection_ack') state = 'acknowledged';
    else if (type === 'ping') {
      socket?.send('{"type":"pong"}');
      if (isRecord(payload))
        for (const [name, cursor] of stringsOf(payload['cursors'])) operations.get(name)?.reach(cursor);
    } else if (type === 'next') operation?.take(payload);
    else if (type === 'error') {
      operation?.take({ errors: payload });
      operation?.finish('complete');
    } else if (type === 'complete') operation?.finish('complete');
    news.changed();
  }

  if (socket === undefined) finish(opened.status ?? 'no connection', opened.reason ?? '');
  socket?.on('message', (data) => {
    const text = String(data);
    transcript.received(text);
    receive(readJson(text));
  });
  socket?.on('close', (code, reason) => {
    transcript.received(String(reason));
    finish(code, String(reason));
  });
  if (init !== null) {
    socket?.send(JSON.stringify({ type: 'connection_init', payload: init }));
    await news.until(() => state !== 'waiting', wire.patienceMs);
  }
  return {
    get state() {
      return state;
    },
    get closed() {
      return closed;
    },
    run(request) {
      const id = `${operations.size + 1}`;
      const operation = createOperation(request, news.changed);
      operations.set(id, operation);
      if (state === 'acknowledged') socket?.send(JSON.stringify({ id, type: 'subscribe', payload: request }));
      else operation.finish(closed?.by ?? 'no answer', closed?.reason);
      return operation;
    },
    send: (text) => socket?.send(text),
    close: () => socket?.terminate(),
  };
}

export const initOf = (token: string | undefined): Readonly<Record<string, unknown>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

export const overWebSocket: Transport = async (wire, token, requests) => {
  const client = await openSocketClient(wire, initOf(token));
  return { operations: requests.map((request) => client.run(request)), close: client.close };
};
