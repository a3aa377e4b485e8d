import { randomUUID } from 'node:crypto';

export const DIALECT_NAMES = ['graphql', 'compressed', 'centrifugo'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];

export interface Wish {
  readonly query: string;
  readonly unitId: string;
  /** The cursor to resume after, if any. */
  readonly after: string | undefined;
}

/** What a server says. */
export type Meaning = 'signed in' | 'ping' | 'event' | 'answer' | 'fault';

/** How the load client speaks to a server. */
export interface Dialect {
  readonly path: string;
  /** Of the upgrade, besides those that every WebSocket has. */
  readonly headers: readonly string[];
  /** From this length on, in bytes, a frame is one event, which need not be read to be counted. */
  readonly eventFrom: number;
  signIn(token: string): object;
  subscribe(wish: Wish): object;
  readonly pong: object;
  /** The messages of a frame. */
  split(frame: string): readonly string[];
  meaningOf(message: string): Meaning;
}

/** A shorter message is a message of the protocol, not an event. */
const SHORTEST_EVENT = 300;

/** graphql-transport-ws. */
const graphql: Dialect = {
  path: '/graphql',
  headers: ['Sec-WebSocket-Protocol: graphql-transport-ws'],
  eventFrom: SHORTEST_EVENT,
  signIn: (token) => ({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
  subscribe({ query, unitId, after }) {
    const payload = { query, variables: { unitId }, ...(after !== undefined && { extensions: { after } }) };
    return { id: randomUUID(), type: 'subscribe', payload };
  },
  pong: { type: 'pong' },
  split: (frame) => [frame],
  meaningOf(message) {
    if (message.length >= SHORTEST_EVENT)
      return message.includes('"type":"next"') && !message.includes('"errors"') ? 'event' : 'fault';
    if (message.includes('"type":"connection_ack"')) return 'signed in';
    return message.includes('"type":"ping"') ? 'ping' : 'fault';
  },
};

/** The same, of a client that takes compressed messages. It compresses none itself. */
const compressed: Dialect = {
  ...graphql,
  headers: [...graphql.headers, 'Sec-WebSocket-Extensions: permessage-deflate'],
};

/**
 * Centrifugo's bidirectional protocol in JSON (centrifugal.dev/docs/transports/client_protocol): commands have an id, a frame may hold
 * several replies with line breaks between them, and an empty reply is a ping, which an empty command answers.
 */
const centrifugo: Dialect = {
  path: '/connection/websocket',
  headers: [],
  eventFrom: Number.POSITIVE_INFINITY, // a frame may hold several
  signIn: (token) => ({ id: 1, connect: { token } }),
  subscribe: ({ unitId }) => ({ id: 2, subscribe: { channel: `dms:request:unit:${unitId}` } }),
  pong: {},
  split: (frame) => frame.split('\n').filter((line) => line !== ''),
  meaningOf(message) {
    if (message === '{}') return 'ping';
    if (message.startsWith('{"push":') && message.includes('"pub":')) return 'event';
    if (message.includes('"error":')) return 'fault';
    return message.includes('"connect":') ? 'signed in' : 'answer';
  },
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { graphql, compressed, centrifugo };
