import type { Connection } from './websocket-connection.ts';
import { sendCursors } from './websocket-protocol.ts';

/** How often a client is asked for a sign of life, in milliseconds; one that gives none until the next time is gone. */
const KEEP_ALIVE_MS = 12_000;
/** The sockets have their turns one part after another: thousands of pings and answers at once would hold events back. */
const PARTS = 12;

/**
 * Pings every socket regularly with the cursors of its operations, and ends the sockets that have not answered the last ping. After a
 * stall of this process their answers may lie unread, so then they get another turn. Returns how to stop.
 */
export function keepAlive(connections: ReadonlySet<Connection>): () => void {
  const silent = new WeakSet<Connection>();
  const parts = new WeakMap<Connection, number>();
  let placed = 0;
  let turn = 0;
  let lastTurn = performance.now();

  /** The part that a socket belongs to: one after another, however many come at once. */
  function partOf(connection: Connection): number {
    const known = parts.get(connection);
    if (known !== undefined) return known;
    const part = placed % PARTS;
    placed += 1;
    parts.set(connection, part);
    return part;
  }

  const timer = setInterval(() => {
    const isLate = performance.now() - lastTurn > KEEP_ALIVE_MS / 2;
    lastTurn = performance.now();
    for (const connection of connections) {
      if (partOf(connection) !== turn) continue;
      if (!silent.has(connection)) {
        silent.add(connection);
        connection.socket.once('pong', () => silent.delete(connection));
      } else if (!isLate) {
        connection.socket.terminate();
        continue;
      }
      ping(connection);
    }
    turn = (turn + 1) % PARTS;
  }, KEEP_ALIVE_MS / PARTS);
  return () => clearInterval(timer);
}

function ping(connection: Connection): void {
  const { socket, stream, operations, outbox } = connection;
  // What waits is written first. Beside a ping that is held back, a large batch would count as the backlog of a slow client.
  outbox.flush();
  connection.cork(); // ping and cursors in one write
  socket.ping();
  if (!stream.writableNeedDrain) sendCursors(connection, operations?.ids() ?? []);
  outbox.flush();
  connection.uncork();
}
