import { EventEmitter, once } from 'node:events';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import { until } from './redis.ts';

export interface Addressed {
  readonly url: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests only inspect the data that they receive
export type Data = Record<string, any>;
export type Result = ExecutionResult<Data>;

export const graphqlUrl = ({ url }: Addressed): string => `${url}/graphql`;
export const socketUrl = (app: Addressed): string => graphqlUrl(app).replace('http', 'ws');

/** Queues everything that arrives, in order. `next` waits for one item. */
export class Queue<Item> {
  readonly #waiting: Item[] = [];
  readonly #arrived = new EventEmitter();

  push(item: Item): void {
    this.#waiting.push(item);
    this.#arrived.emit('item');
  }

  async next(): Promise<Item> {
    while (this.#waiting.length === 0) await once(this.#arrived, 'item');
    return this.#waiting.shift() as Item; // the length was checked
  }

  get length(): number {
    return this.#waiting.length;
  }
}

/** What an operation receives: results, then its end. */
export type Outcome =
  | { readonly result: Result }
  | { readonly errors: readonly GraphQLFormattedError[] }
  | { readonly closed: { readonly code: number; readonly reason: string } }
  | { readonly complete: true };

export interface Operation {
  next(): Promise<Outcome>;
  /** The data of the next result. Throws if the next outcome is no result. */
  data(): Promise<Data>;
  /** The error codes of the next outcome. */
  codes(): Promise<string[]>;
  readonly pending: number;
  stop(): void;
}

export interface LiveClient {
  run(query: string, variables?: Record<string, unknown>): Operation;
  /** The ids of the operations of which the server has sent a position in a ping. */
  readonly placed: ReadonlySet<string>;
  readonly client: Client;
}

/** A stock graphql-ws client for the running test. It queues what it receives. */
export function useClient(app: Addressed, token: string | undefined): LiveClient {
  const client = createClient({
    url: socketUrl(app),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
  });
  onTestFinished(() => client.dispose());
  const placed = new Set<string>();
  client.on('ping', (_isReceived, payload) => {
    for (const id of Object.keys(payload?.['cursors'] ?? {})) placed.add(id);
  });
  return { client, placed, run: (query, variables) => runOperation(client, query, variables) };
}

function runOperation(client: Client, query: string, variables?: Record<string, unknown>): Operation {
  const queue = new Queue<Outcome>();
  const stop = client.subscribe<Data>(variables ? { query, variables } : { query }, {
    next: (result) => queue.push({ result: result as Result }),
    error: (error) => queue.push(describeError(error)),
    complete: () => queue.push({ complete: true }),
  });
  return {
    next: () => queue.next(),
    async data() {
      const outcome = await queue.next();
      if (!('result' in outcome) || outcome.result.data == null)
        throw new Error(`no data but ${JSON.stringify(outcome)}`);
      return outcome.result.data;
    },
    async codes() {
      const outcome = await queue.next();
      const errors =
        'result' in outcome ? outcome.result.errors : 'errors' in outcome ? outcome.errors : undefined;
      if (errors === undefined) throw new Error(`no errors but ${JSON.stringify(outcome)}`);
      return errors.map((error) => String(error.extensions?.['code']));
    },
    get pending() {
      return queue.length;
    },
    stop,
  };
}

function describeError(error: unknown): Outcome {
  if (Array.isArray(error)) return { errors: error };
  if (typeof error === 'object' && error !== null && 'code' in error && 'reason' in error) {
    return { closed: { code: Number(error.code), reason: String(error.reason) } };
  }
  throw error;
}

/**
 * Runs a subscription to a topic with a log, and waits until it is live: until the server has sent its first position, or an event.
 * Until then its topic may still be opened.
 */
export async function subscribed(client: LiveClient, query: string): Promise<Operation> {
  const before = client.placed.size;
  const operation = client.run(query);
  await until(() => client.placed.size > before || operation.pending > 0);
  return operation;
}

/** A plain socket that can send any text. */
export interface RawClient {
  send(message: unknown): void;
  /** The next message from the server that is not a ping. */
  next(): Promise<Data>;
  /** The next ping from the server. */
  nextPing(): Promise<Data>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;
}

export async function useRawClient(
  app: Addressed,
  protocols: string | string[] = 'graphql-transport-ws',
): Promise<RawClient> {
  const socket = new WebSocket(socketUrl(app), protocols);
  onTestFinished(() => socket.terminate());
  const messages = new Queue<Data>();
  const pings = new Queue<Data>();
  socket.on('message', (data: RawData) => {
    const message: Data = JSON.parse(String(data));
    if (message['type'] === 'ping') pings.push(message);
    else messages.push(message);
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: Number(code),
    reason: String(reason),
  }));
  await once(socket, 'open');
  return {
    send: (message) =>
      socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      ),
    next: () => messages.next(),
    nextPing: () => pings.next(),
    closed,
    socket,
  };
}

/** A raw client that has signed in. */
export async function useSignedInRawClient(app: Addressed, token: string): Promise<RawClient> {
  const client = await useRawClient(app);
  client.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  const { type } = await client.next();
  if (type !== 'connection_ack') throw new Error(`no acknowledgement but ${type}`);
  return client;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Result;
}

/** A query or mutation over HTTP POST. */
export async function post(
  app: Addressed,
  query: string,
  options: { token?: string; variables?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  const response = await fetch(graphqlUrl(app), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    body: JSON.stringify({ query, variables: options.variables }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

export interface EventStream {
  readonly status: number;
  /** The next event that is not a comment; `undefined` at the end. */
  next(): Promise<{ readonly event: string; readonly data: Result | undefined } | undefined>;
  close(): void;
}

/** A subscription over SSE, read as it arrives. */
export async function useStream(
  app: Addressed,
  query: string,
  token: string | undefined,
): Promise<EventStream> {
  const aborter = new AbortController();
  const response = await fetch(graphqlUrl(app), {
    method: 'POST',
    signal: aborter.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  onTestFinished(() => aborter.abort());
  const events = readEvents(response);
  return {
    status: response.status,
    next: async () => (await events.next()).value ?? undefined,
    close: () => aborter.abort(),
  };
}

async function* readEvents(response: Response): AsyncGenerator<{ event: string; data: Result | undefined }> {
  for await (const fields of readBlocks(response)) {
    const event = fields.get('event');
    const data = fields.get('data');
    if (event !== undefined) yield { event, data: data ? JSON.parse(data) : undefined };
  }
}

/** A block of an event stream: its fields, by their names. */
export type Fields = ReadonlyMap<string, string>;

export async function* readBlocks(response: Response): AsyncGenerator<Fields> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield new Map(block.split('\n').map(readField));
  }
}

function readField(line: string): [name: string, value: string] {
  const end = line.indexOf(':');
  return [line.slice(0, end), line.slice(end + 1).trim()];
}
