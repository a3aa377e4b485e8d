import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { socketUrl } from '../../support/clients.ts';
import { createRecording, type Interest, type Recording } from './recording.ts';
import {
  type Close,
  noteFailure,
  REFUSED_PAUSE_MS,
  type RecordingClient,
  type Route,
} from './recording-client.ts';

/** Close codes after which a client must not reconnect (contract, section 5). */
const TERMINAL = new Set([1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429]);

interface Message {
  readonly id?: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the client records payloads of the wire, and does not rely on them
  readonly payload?: any;
}

/**
 * A client of the running test over graphql-transport-ws: one operation for each interest.
 * @param ca the authority that signed the certificate of an https URL.
 */
export function recordSocket(
  route: Route,
  token: string,
  interests: readonly Interest[],
  ca?: string,
): RecordingClient {
  const operations = new Map(interests.map((interest, index) => [`${index}`, createRecording(interest)]));
  const closes: Close[] = [];
  let connections = 0;
  let socket: WebSocket | undefined;
  let isAway = false;
  let isStalled = false;

  function connect(): void {
    if (isAway) return;
    const opened = new WebSocket(socketUrl({ url: route() }), 'graphql-transport-ws', {
      perMessageDeflate: false,
      ca,
    });
    socket = opened;
    let wasOpen = false;
    const send = (message: Message): void => {
      if (opened.readyState === WebSocket.OPEN) opened.send(JSON.stringify(message));
    };
    opened.on('open', () => {
      wasOpen = true;
      connections += 1;
      send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      if (isStalled) opened.pause();
    });
    opened.on('message', (data) => handle(JSON.parse(String(data)), send));
    opened.on('error', () => undefined); // `close` follows
    opened.on('close', (code) => {
      if (wasOpen) closes.push({ code, at: Date.now() });
      if (TERMINAL.has(code)) return;
      if (wasOpen) connect();
      else setTimeout(connect, REFUSED_PAUSE_MS);
    });
  }

  function handle({ type, id = '', payload }: Message, send: (message: Message) => void): void {
    const recording = operations.get(id);
    if (type === 'connection_ack') {
      for (const [name, operation] of operations) send(subscribe(name, operation));
    } else if (type === 'ping') {
      send({ type: 'pong' });
      for (const [name, cursor] of Object.entries(payload?.cursors ?? {})) {
        const operation = operations.get(name);
        if (operation !== undefined) operation.cursor = String(cursor);
      }
    } else if (type === 'next' && recording !== undefined && payload.data) {
      recording.take(payload.data.event);
      recording.cursor = payload.extensions?.cursor ?? recording.cursor;
    } else if ((type === 'error' || payload?.errors !== undefined) && recording !== undefined) {
      // An early failure comes as a result without data, a later failure as an error.
      const pauseMs = noteFailure(recording, payload.errors ?? payload);
      if (pauseMs !== undefined) setTimeout(() => send(subscribe(id, recording)), pauseMs);
    } else if (type !== 'complete') {
      recording?.errors.push(JSON.stringify(payload));
    }
  }

  function leave(): void {
    isAway = true;
    socket?.terminate();
  }

  connect();
  const client: RecordingClient = {
    recordings: [...operations.values()],
    get connections() {
      return connections;
    },
    closes,
    hints: [],
    cut() {
      const isOpen = socket?.readyState === WebSocket.OPEN;
      if (isOpen) socket?.terminate();
      return isOpen;
    },
    stall() {
      isStalled = true;
      socket?.pause();
    },
    read() {
      isStalled = false;
      socket?.resume();
    },
    leave,
    comeBack() {
      isAway = false;
      connect();
    },
    stop: leave,
  };
  onTestFinished(client.stop);
  return client;
}

function subscribe(id: string, { interest, cursor }: Recording): Message {
  const extensions = cursor === undefined ? {} : { extensions: { after: cursor } };
  return { id, type: 'subscribe', payload: { query: interest.query, ...extensions } };
}
