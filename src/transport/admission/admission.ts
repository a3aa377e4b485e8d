import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../errors.ts';
import type { ClientAddresses } from '../client-address.ts';
import { type AddressLimits, type AddressRecord, createAddressBook } from './address-book.ts';
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

/** A socket that was let in: how it stands from then on. */
export interface SocketVisit extends Visit {
  /** It is open. Until it has signed in, `dismiss` may end it to make room for others. */
  opened(dismiss: () => void): void;
}

export interface Admission {
  /** Counts the connections of a server; those over a limit are refused when they ask for something, or cut off. */
  watch(server: Server): void;
  /** Lets a request in, before anything is paid for it. */
  request(request: IncomingMessage, response: ServerResponse): Refusal | undefined;
  /** The visit of a request that was let in. */
  visitOf(request: IncomingMessage): Visit | undefined;
  /** Lets the upgrade to a socket in. */
  upgrade(request: IncomingMessage, stream: Duplex): SocketVisit | Refusal;
  /** How many addresses are remembered. */
  readonly addresses: number;
}

export interface AdmissionOptions {
  readonly limits: StrangerLimits;
  readonly clients: ClientAddresses;
  readonly report: ReportRefusal;
}

/** A connection whose peer is the client itself. */
interface DirectConnection {
  readonly text: string;
  readonly record: AddressRecord;
  readonly stranger: Stranger;
  /** The limit that it was over when it came. It gets that as the answer to its first request. */
  readonly refused: LimitName | undefined;
}

/** Requests without a session keep more of the memory busy than silent sockets do. */
const SOCKETS_PER_REQUEST = 4;

/**
 * Bounds what strangers hold and do, by address and all together. A stranger is who has not shown a good token: a connection, a
 * socket before it has signed in, a request without a session. Who has signed in is counted no more, and bounded by user.
 */
export function createAdmission({ limits, clients, report }: AdmissionOptions): Admission {
  const book = createAddressBook(limits);
  const sockets = new Places('strangers', limits.maxStrangers);
  const requests = new Places('strangers', Math.ceil(limits.maxStrangers / SOCKETS_PER_REQUEST));
  const refusedSockets = new Places('strangers', limits.maxStrangers);
  const direct = new WeakMap<Duplex, DirectConnection>();
  const visits = new WeakMap<IncomingMessage, Visit>();

  function connect(socket: Socket): void {
    if (direct.has(socket)) return; // given back to the server after an offer of another protocol
    const client = clients.ofPeer(socket.remoteAddress);
    if (client === undefined) return; // a proxy: who comes through it is counted by request
    const { text } = client;
    const record = book.of(client);
    let stranger = new Stranger(record.sockets, sockets);
    const refused = enter(stranger, record);
    if (refused !== undefined) {
      stranger = new Stranger(record.refusedSockets, refusedSockets);
      if (stranger.enter() !== undefined) {
        report(refused, text);
        socket.destroy();
        return;
      }
    }
    stranger.wait((limit) => {
      report(refused ?? limit, text);
      socket.destroy();
    });
    direct.set(socket, { text, record, stranger, refused });
    socket.once('close', () => stranger.leave());
  }

  function find(
    request: IncomingMessage,
  ): Omit<DirectConnection, 'stranger'> & { readonly stranger?: Stranger } {
    const connection = direct.get(request.socket);
    if (connection !== undefined) return connection;
    const client = clients.ofRequest(request.socket.remoteAddress, request.headers);
    return { text: client.text, record: book.of(client), refused: undefined };
  }

  function refuse(limit: LimitName, address: string): Refusal {
    report(limit, address);
    return { limit, retryAfterSeconds: 1 + Math.floor(Math.random() * RETRY_SPREAD_SECONDS) };
  }

  /** Counts as a new connection, unless there is no place for it: who comes again for one is not to pay for that. */
  function enter(stranger: Stranger, { connections }: AddressRecord): LimitName | undefined {
    const limit = stranger.enter();
    if (limit !== undefined || connections.take()) return limit;
    stranger.leave();
    return 'connections';
  }

  return {
    watch: (server) => void server.on('connection', connect),
    request(request, response) {
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
        // It was a signed-in client's, perhaps, and now is a stranger's again.
        if (connection.enter() === undefined) connection.waitAgain();
        else socket.destroySoon();
      });
      return undefined;
    },
    visitOf: (request) => visits.get(request),
    upgrade(request, stream) {
      const { text, record, stranger: connection, refused } = find(request);
      const isDirect = connection !== undefined;
      const stranger = connection ?? new Stranger(record.sockets, sockets);
      const limit = refused ?? (isDirect ? stranger.enter() : enter(stranger, record)); // a direct one was counted
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
    },
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
