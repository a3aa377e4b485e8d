import type { Bytes } from 'yoga-shared-subscriptions';
import type { Connection } from './websocket-connection.ts';
import { sendCursors } from './websocket-protocol.ts';

/** How often a client is asked for a sign of life, in milliseconds; one that gives none until the next time is gone. */
const KEEP_ALIVE_MS = 12_000;
/** The sockets have their turns one part after another: thousands of pings and answers at once would hold events back. */
const PARTS = 12;

/** An empty ping frame (RFC 6455, section 5.5.2). A server does not mask. */
const PING: Bytes = '\x89\x00';

/**
 * Pings every socket regularly with the cursors of its operations, and ends the sockets that have not answered the last ping. After a
 * stall of this process their answers may lie unread, so then they get another turn. Returns how to stop.
 */
export function keepAlive(connections: ReadonlySet<Connection>): () => void {
  let placed = 0;
  let turn = 0;
  let lastTurn = performance.now();

  const timer = setInterval(() => {
    const isLate = performance.now() - lastTurn > KEEP_ALIVE_MS / 2;
    lastTurn = performance.now();
    for (const connection of connections) {
      connection.part ??= placed++ % PARTS;
      if (connection.part !== turn) continue;
      if (connection.isSilent && !isLate) connection.socket.terminate();
      else ping(connection);
    }
    turn = (turn + 1) % PARTS;
  }, KEEP_ALIVE_MS / PARTS);
  return () => clearInterval(timer);
}

/** Sends the ping and the cursors in one write. */
function ping(connection: Connection): void {
  const { outbox, operations } = connection;
  connection.isSilent = true;
  // What waits is written first. Beside a ping that is held back, a large batch would count as the backlog of a slow client.
  outbox.flush();
  if (!connection.isOpen) return;
  // The outbox would add the ping to the backlog of a client that reads slowly, and could end it as too slow.
  if (connection.isCongested) connection.write(PING);
  else {
    outbox.add(PING);
    sendCursors(connection, operations?.ids() ?? []);
    outbox.flush();
  }
}
