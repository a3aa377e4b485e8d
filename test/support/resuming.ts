/** Clients that remember their cursor, and resume from there. */
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import type { Retention } from '../../src/bus/bus.ts';
import type { LogPosition } from '../../src/bus/position.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { KEEP, names, UNIT } from './buses.ts';
import {
  type Addressed,
  type Data,
  type Fields,
  graphqlUrl,
  Queue,
  readBlocks,
  socketUrl,
} from './clients.ts';
import { messages } from './events.ts';

export const STORAGE = 'subscription { storageUpdated { id } }';

type Publishing = Pick<App, 'bus'>;

export interface Publication {
  readonly channel?: Channel;
  readonly event?: object;
  readonly retention?: Retention;
}

/** Appends an event and publishes it. The default is a storage event of unit 5. */
export function publish(
  { bus }: Publishing,
  id: string,
  { channel = UNIT, event = messages.storage(unitOf(channel)), retention = KEEP }: Publication = {},
): Promise<LogPosition | undefined> {
  return bus.append(names.logKeysOf(channel), id, JSON.stringify({ ...event, id }), retention);
}

const unitOf = (channel: Channel): Record<string, unknown> =>
  'unitId' in channel ? { unitId: channel.unitId } : {};

export async function publishAll(app: Publishing, ids: readonly string[], channel?: Channel): Promise<void> {
  for (const id of ids) await publish(app, id, channel ? { channel } : {});
}

/** What an operation receives. */
export type Received =
  | { readonly id: string; readonly cursor: string | undefined; readonly at: number | undefined }
  | { readonly codes: readonly string[] }
  | { readonly complete: true };

export interface Followed {
  /** The next event’s id. Throws if the next item is not an event. */
  next(): Promise<string>;
  /** The ids of the next `count` events. */
  take(count: number): Promise<string[]>;
  /** The error codes of the next item. */
  codes(): Promise<readonly string[]>;
  /** The next position that the server sends without an event. */
  position(): Promise<string>;
  /** How much of the past the server says that it delivers, in milliseconds. */
  past(): Promise<number>;
  /** How old the events were that were taken, by what the server says; `undefined`: live ones. */
  readonly ages: readonly (number | undefined)[];
  /** The cursor of the newest event that was taken, or of the newest position. */
  readonly cursor: string | undefined;
  /** The number of events that were not taken yet. */
  readonly pending: number;
  stop(): void;
}

export interface Options {
  readonly after?: unknown;
  readonly pastMs?: unknown;
  readonly variables?: Record<string, unknown>;
}

/** Converts received items into the form that tests need. */
function createFollowed(stop: () => void) {
  const received = new Queue<Received>();
  const positions = new Queue<string>();
  const pasts = new Queue<number>();
  const ages: (number | undefined)[] = [];
  let serverTime: number | undefined;
  let cursor: string | undefined;
  const followed: Followed = {
    async next() {
      const one = await received.next();
      if ('id' in one) {
        cursor = one.cursor ?? cursor;
        ages.push(one.at === undefined || serverTime === undefined ? undefined : serverTime - one.at);
        return one.id;
      }
      throw new Error(`no event but ${JSON.stringify(one)}`);
    },
    async take(count) {
      const ids: string[] = [];
      while (ids.length < count) ids.push(await followed.next());
      return ids;
    },
    async codes() {
      const one = await received.next();
      if ('codes' in one) return one.codes;
      throw new Error(`no error but ${JSON.stringify(one)}`);
    },
    async position() {
      cursor = await positions.next();
      return cursor;
    },
    past: () => pasts.next(),
    ages,
    get cursor() {
      return cursor;
    },
    get pending() {
      return received.length;
    },
    stop,
  };
  return {
    followed,
    addResult({ data, errors, extensions }: Data): void {
      const codes: string[] | undefined = errors?.map((error: Data) => error['extensions'].code);
      const [event]: Data[] = Object.values(data ?? {});
      received.push(
        codes ? { codes } : { id: event?.['id'], cursor: extensions?.cursor, at: extensions?.at },
      );
    },
    addPosition: (position: string) => positions.push(position),
    addPast(ms: number, now: number): void {
      if (received.length > 0) throw new Error('an event came before the past that it is of');
      serverTime = now;
      pasts.push(ms);
    },
    addEnd: () => received.push({ complete: true }),
  };
}

export interface Resumer {
  run(query: string, options?: Options): Followed;
  readonly socket: WebSocket;
  /** The server has read everything sent so far, and all its answers have arrived. */
  settled(): Promise<void>;
}

/** A WebSocket with many operations. */
export async function useResumer(app: Addressed, token: string): Promise<Resumer> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  const operations = new Map<string, ReturnType<typeof createFollowed>>();
  const pongs = new Queue<Data>();
  const acknowledged = new Promise<void>((resolve) => {
    socket.on('message', (text) => {
      const { type, id, payload }: Data = JSON.parse(String(text));
      if (type === 'connection_ack') resolve();
      if (type === 'pong') pongs.push(payload);
      if (type === 'next') operations.get(id)?.addResult(payload);
      if (type === 'error') operations.get(id)?.addResult({ errors: payload });
      if (type === 'complete') operations.get(id)?.addEnd();
      if (type !== 'ping') return;
      for (const [received, cursor] of Object.entries<string>(payload?.cursors ?? {}))
        operations.get(received)?.addPosition(cursor);
      for (const [received, { ms, now }] of Object.entries<Data>(payload?.past ?? {}))
        operations.get(received)?.addPast(ms, now);
    });
  });
  await once(socket, 'open');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await acknowledged;
  let count = 0;
  return {
    socket,
    run(query, { variables, ...options } = {}) {
      count += 1;
      const id = `${count}`;
      const operation = createFollowed(() => send({ type: 'complete', id }));
      operations.set(id, operation);
      const extensions = toExtensions(options);
      send({ type: 'subscribe', id, payload: { query, variables, extensions } });
      return operation.followed;
    },
    async settled() {
      send({ type: 'ping' });
      await pongs.next();
    },
  };
}

const toExtensions = ({ after, pastMs }: Options): Record<string, unknown> => ({
  ...(after !== undefined && { after }),
  ...(pastMs !== undefined && { pastMs }),
});

export interface StreamOptions extends Options {
  readonly lastEventId?: string;
}

/** A subscription over SSE, as a browser reads it. */
export async function useEventStream(
  app: Addressed,
  query: string,
  token: string,
  { variables, lastEventId, ...options }: StreamOptions = {},
): Promise<Followed> {
  const aborter = new AbortController();
  const operation = createFollowed(() => aborter.abort());
  onTestFinished(() => aborter.abort());
  const extensions = toExtensions(options);
  const response = await fetch(graphqlUrl(app), {
    method: 'POST',
    signal: aborter.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    body: JSON.stringify({ query, variables, extensions }),
  });
  take(response, (fields) => takeBlock(fields, operation)).catch(() => undefined); // the stream was stopped
  return operation.followed;
}

/** The same as one of the operations of a stream that carries many. */
export async function useStreamOfMany(
  app: Addressed,
  query: string,
  token: string,
  { variables, ...options }: Options = {},
): Promise<Followed> {
  const aborter = new AbortController();
  const operation = createFollowed(() => aborter.abort());
  onTestFinished(() => aborter.abort());
  const extensions = { ...toExtensions(options), operationId: 'one' };
  const response = await fetch(graphqlUrl(app), {
    method: 'POST',
    signal: aborter.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream; operations=many',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify([
      { query: '{ viewer { id } }', extensions: { operationId: 'other' } },
      { query, variables, extensions },
    ]),
  });
  take(response, (fields) => {
    const [past, cursors, data]: Data[] = ['past', 'id', 'data'].map((name) =>
      JSON.parse(fields.get(name) ?? '{}'),
    );
    if (past?.['one'] !== undefined) operation.addPast(past['one'].ms, past['one'].now);
    if (cursors?.['one'] !== undefined) operation.addPosition(cursors['one']);
    if (data?.['id'] !== 'one') return;
    if (fields.get('event') === 'complete') operation.addEnd();
    else operation.addResult(data['payload']);
  }).catch(() => undefined); // the stream was stopped
  return operation.followed;
}

async function take(response: Response, takeFields: (fields: Fields) => void): Promise<void> {
  for await (const fields of readBlocks(response)) takeFields(fields);
}

function takeBlock(fields: Fields, operation: ReturnType<typeof createFollowed>): void {
  const cursor = fields.get('id');
  const event = fields.get('event');
  const [ms, now] = fields.get('past')?.split(' ').map(Number) ?? [];
  if (ms !== undefined && now !== undefined) operation.addPast(ms, now);
  if (event === 'complete') operation.addEnd();
  if (event === 'next') {
    const result: Data = JSON.parse(fields.get('data') ?? '');
    if (cursor !== result['extensions']?.cursor) throw new Error('the id is not the cursor');
    operation.addResult(result);
  } else if (cursor !== undefined) operation.addPosition(cursor);
}

/** Both transports. Each subscription has its own socket or stream. */
export const TRANSPORTS: readonly [
  name: string,
  follow: (app: Addressed, query: string, token: string, options?: Options) => Promise<Followed>,
][] = [
  ['a WebSocket', async (app, query, token, options) => (await useResumer(app, token)).run(query, options)],
  ['an event stream', useEventStream],
];
