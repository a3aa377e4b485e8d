import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../errors.ts';
import type { ClientAddresses } from '../client-address.ts';
import { type AddressLimits, createAddressBook } from './address-book.ts';
import { type DirectConnection, enter, watchDirectConnections } from './direct-connections.ts';
import { type LimitName, Places, Stranger } from './places.ts';
import type { ReportRefusal } from './refusal-reports.ts';
import { createVisit, type Visit } from './visit.ts';

export interface StrangerLimits extends AddressLimits {
  /** Sockets of all addresses together that are not signed in. Of requests without a session there may be a quarter. 0: no limit. */
  readonly maxStrangers: number;
}

/** Why a request or an upgrade is answered by 429 at once. */
export interface Refusal {
  readonly limit: LimitName;
  readonly retryAfterSeconds: number;
}

/** The visit of a socket that was let in. */
export interface SocketVisit extends Visit {
  /** The socket is open. Until it has signed in, `dismiss` may be called to end it and make room for others. */
  opened(dismiss: () => void): void;
}

export interface Admission {
  /** Counts the connections of a server. A connection over a limit is refused at its first request, or cut off. */
  watch(server: Server): void;
  /** Lets a request in, or returns why not. Called before any work is done for it. */
  request(request: IncomingMessage, response: ServerResponse): Refusal | undefined;
  /** The visit of a request that was let in. */
  visitOf(request: IncomingMessage): Visit | undefined;
  /** Lets an upgrade to a WebSocket in, or returns why not. */
  upgrade(request: IncomingMessage, stream: Duplex): SocketVisit | Refusal;
  /** How many addresses are remembered. */
  readonly addresses: number;
}

export interface AdmissionOptions {
  readonly limits: StrangerLimits;
  readonly clients: ClientAddresses;
  readonly report: ReportRefusal;
}

/** A request without a session keeps more memory busy than a silent socket does. */
const SOCKETS_PER_REQUEST = 4;

/**
 * Bounds what strangers hold and do, by address and all together. A stranger has not shown a good token yet: it is a connection, a
 * socket before it has signed in, or a request without a session. A client that has signed in is no longer counted here; its user
 * has limits of its own.
 */
export function createAdmission({ limits, clients, report }: AdmissionOptions): Admission {
  const book = createAddressBook(limits);
  const sockets = new Places('strangers', limits.maxStrangers);
  const requests = new Places('strangers', Math.ceil(limits.maxStrangers / SOCKETS_PER_REQUEST));
  const visits = new WeakMap<IncomingMessage, Visit>();
  const direct = watchDirectConnections({ limits, clients, report, book, sockets });

  /** The address a request comes from, and its connection if that is the client's own. */
  function find(request: IncomingMessage): Omit<DirectConnection, 'stranger'> & Partial<DirectConnection> {
    const connection = direct.of(request.socket);
    if (connection !== undefined) return connection;
    const client = clients.ofRequest(request.socket.remoteAddress, request.headers);
    return { text: client.text, record: book.of(client), refused: undefined };
  }

  function refuse(limit: LimitName, address: string): Refusal {
    report(limit, address);
    return { limit, retryAfterSeconds: 1 + Math.floor(Math.random() * RETRY_SPREAD_SECONDS) };
  }

  function admitRequest(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const { text, record, stranger: connection, refused } = find(request);
    const stranger = new Stranger(record.requests, requests);
    const limit = refused ?? enter(stranger, record);
    if (limit !== undefined) return refuse(limit, text);
    const { socket } = request;
    connection?.keep(); // not idle now
    stranger.wait((full) => {
      report(full, text);
      socket.destroy();
    });
    let isSignedIn = false;
    visits.set(
      request,
      createVisit({
        address: text,
        record,
        strangers: connection === undefined ? [stranger] : [stranger, connection],
        onSignedIn() {
          isSignedIn = true;
          record.connections.giveBack();
        },
        onRefused: (over) => report(over, text),
      }),
    );
    response.once('close', () => {
      stranger.leave();
      if (connection === undefined || isSignedIn || socket.destroyed) return;
      // An earlier request on this connection may have signed in. Now it is a stranger's again.
      if (connection.enter() === undefined) connection.waitAgain();
      else socket.destroySoon();
    });
    return undefined;
  }

  function admitUpgrade(request: IncomingMessage, stream: Duplex): SocketVisit | Refusal {
    const { text, record, stranger: connection, refused } = find(request);
    const isDirect = connection !== undefined;
    const stranger = connection ?? new Stranger(record.sockets, sockets);
    const limit = refused ?? (isDirect ? stranger.enter() : enter(stranger, record)); // a direct one was counted when it was made
    if (limit !== undefined) return refuse(limit, text);
    const leave = (): void => stranger.leave();
    stream.once('close', leave);
    const onRefused = (over: LimitName): void => report(over, text);
    return {
      ...createVisit({
        address: text,
        record,
        strangers: [stranger],
        onSignedIn: () => stream.off('close', leave), // nothing is kept for a socket that is signed in
        onRefused,
      }),
      opened: (dismiss) =>
        stranger.wait((over) => {
          onRefused(over);
          dismiss();
        }),
    };
  }

  return {
    watch: (server) => void server.on('connection', direct.connect),
    request: admitRequest,
    visitOf: (request) => visits.get(request),
    upgrade: admitUpgrade,
    get addresses() {
      return book.size;
    },
  };
}

/** Clients that were refused together should not come back together. */
const RETRY_SPREAD_SECONDS = 5;

export function isRefusal(result: SocketVisit | Refusal): result is Refusal {
  return 'limit' in result;
}

/** The answer to a refused client, in the shape of a GraphQL result. */
export function describeRefusal({ limit, retryAfterSeconds }: Refusal): string {
  const what =
    limit === 'strangers' ? 'The server is busy' : 'Too many connections or requests from your address';
  const message = `${what}: try again in ${retryAfterSeconds} s.`;
  return JSON.stringify({
    errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode } }],
  });
}
