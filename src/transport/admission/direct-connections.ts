import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClientAddresses } from '../client-address.ts';
import type { AddressBook, AddressRecord } from './address-book.ts';
import { type LimitName, Places, Stranger } from './places.ts';
import type { ReportRefusal } from './refusal-reports.ts';

/** A connection whose peer is the client itself. */
export interface DirectConnection {
  /** The client's address. */
  readonly text: string;
  readonly record: AddressRecord;
  readonly stranger: Stranger;
  /** The limit that the connection was over when it was made. Its first request is answered with it. */
  readonly refused: LimitName | undefined;
}

export interface DirectConnectionsOptions {
  /** How many refused connections of all addresses together may wait for their answer. */
  readonly limits: { readonly maxStrangers: number };
  readonly clients: Pick<ClientAddresses, 'ofPeer'>;
  readonly report: ReportRefusal;
  readonly book: AddressBook;
  /** The places of all strangers' sockets. */
  readonly sockets: Places;
}

/** Counts connections that come from clients themselves. A connection from a proxy is not counted, but each of its requests is. */
export function watchDirectConnections({
  limits,
  clients,
  report,
  book,
  sockets,
}: DirectConnectionsOptions): {
  /** A connection was made. */
  connect(socket: Socket): void;
  /** `undefined`: the connection is a proxy's. */
  of(socket: Duplex): DirectConnection | undefined;
} {
  const refusedSockets = new Places('strangers', limits.maxStrangers);
  const known = new WeakMap<Duplex, DirectConnection>();

  return {
    connect(socket) {
      if (known.has(socket)) return; // given back to the server after an offer of another protocol
      const client = clients.ofPeer(socket.remoteAddress);
      if (client === undefined) return;
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
      known.set(socket, { text, record, stranger, refused });
      socket.once('close', () => stranger.leave());
    },
    of: (socket) => known.get(socket),
  };
}

/**
 * Takes places for a new connection and counts it, or returns the limit it is over. A connection that finds no place is not counted:
 * a client that tries again should not pay for that.
 */
export function enter(stranger: Stranger, { connections }: AddressRecord): LimitName | undefined {
  const limit = stranger.enter();
  if (limit !== undefined || connections.take()) return limit;
  stranger.leave();
  return 'connections';
}
