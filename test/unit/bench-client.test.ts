/** The load client of the benchmark, against a server that speaks as much of Centrifugo's protocol as is used here. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createMessage } from '../../bench/event.ts';
import { openClientSocket } from '../../bench/load/client-socket.ts';
import { DIALECTS } from '../../bench/load/dialects.ts';
import { createTally } from '../../bench/load/tally.ts';

test('it signs in to Centrifugo, subscribes, answers pings, and counts each event of a frame', async () => {
  const commands: object[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/connection/websocket' });
  onTestFinished(() => void server.close());
  const publication = (offset: number): string =>
    `{"push":{"channel":"dms:request:unit:7","pub":{"data":${createMessage(7)},"offset":${offset}}}}`;
  const publications = [1, 2, 3].map(publication).join('\n');
  const answered = new Promise<void>((resolve) => {
    server.on('connection', (socket: WebSocket) =>
      socket.on('message', (data) => {
        const command = JSON.parse(String(data));
        commands.push(command);
        if ('connect' in command) socket.send('{"id":1,"connect":{"client":"a","ping":25,"pong":true}}\n');
        else if ('subscribe' in command) socket.send(`{"id":2,"subscribe":{}}\n${publications}\n{}`);
        else resolve();
      }),
    );
  });
  await once(server, 'listening');
  const tally = createTally();
  const { port } = server.address() as AddressInfo;
  const client = openClientSocket({
    port,
    dialect: DIALECTS.centrifugo,
    token: 'a.b.c',
    query: '',
    unitId: '7',
    after: undefined,
    isWatched: true,
    tally: () => tally,
  });
  onTestFinished(() => client.close());
  await client.subscribed;
  await answered;
  expect(commands).toEqual([
    { id: 1, connect: { token: 'a.b.c' } },
    { id: 2, subscribe: { channel: 'dms:request:unit:7' } },
    {},
  ]);
  expect(tally.report()).toMatchObject({ deliveries: 3, faults: [], latency: { samples: 3 } });
});
