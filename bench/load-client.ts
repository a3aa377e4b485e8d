/**
 * The load client, in its own process. Its raw sockets read hardly more than the headers of their messages, so that it is not the
 * bottleneck. It takes orders from its parent process, and ends with it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientSocket, openClientSocket } from './load/client-socket.ts';
import { DIALECTS } from './load/dialects.ts';
import { type Order, order, type Report } from './load/orders.ts';
import { createTally } from './load/tally.ts';
import { signToken } from './load/tokens.ts';
import { monotonicMs } from './support/clock.ts';

/** The number of sockets that are watched, independent of the total. */
const WATCHED = 50;
/** Of those that resume, one: the latency of what they missed says nothing, and to read it takes longer than to send it. */
const WATCHED_RESUMING = 1;
const PING_MS = 100;
const POLL_MS = 5;

const sockets: ClientSocket[] = [];
let tally = createTally();

async function connect(order: Order & { do: 'connect' }): Promise<number> {
  const { port, count, secret, query, after, atOnce } = order;
  const dialect = DIALECTS[order.dialect];
  const first = sockets.length;
  const watchedEvery = Math.ceil(count / (after === undefined ? WATCHED : WATCHED_RESUMING));
  const tokens = Array.from({ length: count }, (_, i) =>
    signToken(secret, first + i + 1, unitOf(first + i, order)),
  );
  const startedAt = monotonicMs();
  let next = 0;
  async function connectInTurn(): Promise<void> {
    for (let i = next++; i < count; i = next++) {
      const socket = openClientSocket({
        port,
        dialect,
        query,
        token: tokens[i] ?? '',
        unitId: `${unitOf(first + i, order)}`,
        after,
        isWatched: i % watchedEvery === 0,
        tally: () => tally,
      });
      sockets.push(socket);
      await socket.subscribed;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, connectInTurn));
  return monotonicMs() - startedAt;
}

const unitOf = (index: number, { firstUnit, units }: Order & { do: 'connect' }): number =>
  firstUnit + (index % units);

async function finish({ deliveries, patienceMs }: Order & { do: 'finish' }): Promise<Report> {
  const startedAt = monotonicMs();
  while (tally.deliveries < deliveries) {
    await pause(POLL_MS);
    if (monotonicMs() - Math.max(tally.lastAtMs, startedAt) > patienceMs) break;
  }
  await pause(PING_MS); // for pings that are not answered yet, and for events that should not come
  return tally.report();
}

async function obey(given: Order): Promise<unknown> {
  switch (given.do) {
    case 'connect':
      return connect(given);
    case 'begin':
      tally = createTally();
      return true;
    case 'finish':
      return finish(given);
    case 'stall':
      // The last sockets stop, since the first one sends the pings.
      for (const socket of sockets.slice(-given.count)) socket.stall();
      return true;
  }
}

setInterval(() => sockets[0]?.ping(), PING_MS);

process.on('message', (message) => {
  obey(order.parse(message)).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

/** Closes the sockets properly, so that servers clean up as usual. */
async function leave(): Promise<void> {
  for (const socket of sockets) socket.close();
  await pause(300);
  process.exit();
}
process.on('SIGTERM', () => void leave());
process.on('SIGINT', () => undefined); // the parent decides
process.on('disconnect', () => process.exit());
