import type { Connection } from './websocket-connection.ts';
import { sendCursors } from './websocket-protocol.ts';

/** How often a client is asked for a sign of life, in milliseconds; one that gives none until the next time is gone. */
const KEEP_ALIVE_MS = 12_000;

/**
 * Pings every socket regularly with the cursors of its operations, and ends the sockets that have not answered the last ping. After a
 * stall of this process their answers may lie unread, so then they get another turn. Returns how to stop.
 */
export function keepAlive(connections: ReadonlySet<Connection>): () => void {
  const silent = new WeakSet<Connection>();
  let lastTurn = performance.now();
  const timer = setInterval(() => {
    const isLate = performance.now() - lastTurn > 1.5 * KEEP_ALIVE_MS;
    lastTurn = performance.now();
    for (const connection of connections) {
      const { socket, stream, operations } = connection;
      if (!silent.has(connection)) {
        silent.add(connection);
        socket.once('pong', () => silent.delete(connection));
      } else if (!isLate) {
        socket.terminate();
        continue;
      }
      // What waits is written first. Beside a ping that is held back, a large batch would count as the backlog of a slow client.
      connection.outbox.flush();
      connection.cork(); // ping and cursors in one write
      socket.ping();
      if (!stream.writableNeedDrain) sendCursors(connection, operations?.ids() ?? []);
      connection.outbox.flush();
      connection.uncork();
    }
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
