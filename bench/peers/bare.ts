/**
 * The minimum work with `ws`: each Redis message becomes one string, which is sent to every socket of its unit. It knows no
 * GraphQL and no token, and answers only the part of the protocol that the load client needs. What a client missed it writes beside `ws`
 * (`bare-replay.ts`).
 */
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { writeMissed } from './bare-replay.ts';
import { announce, REDIS_URL } from './peer.ts';

const clientMessage = z.object({
  type: z.string(),
  payload: z
    .object({
      variables: z.object({ unitId: z.string() }).optional(),
      extensions: z.object({ after: z.string() }).optional(),
    })
    .optional(),
});

const subscriber = new Redis(REDIS_URL);
const followers = new Map<string, Set<WebSocket>>();

subscriber.on('message', (channel: string, message: string) => {
  const text = `{"id":"5f0c1ac5-6a1e-4f0a-9a43-000000000000","type":"next","payload":${message}}`;
  for (const socket of followers.get(channel) ?? []) socket.send(text);
});

function follow(socket: WebSocket, channel: string): void {
  const existing = followers.get(channel);
  const sockets = existing ?? new Set();
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  if (existing !== undefined) return;
  followers.set(channel, sockets);
  void subscriber.subscribe(channel);
}

const http = createServer();
new WebSocketServer({ server: http, path: '/graphql' }).on('connection', (socket, request) => {
  socket.on('error', () => undefined); // the socket closes
  socket.on('message', (data) => {
    const { type, payload } = clientMessage.parse(JSON.parse(String(data)));
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type !== 'subscribe') return;
    const unitId = payload?.variables?.unitId;
    follow(socket, `dms:request:unit:${unitId}`);
    if (payload?.extensions !== undefined) void writeMissed(request.socket, `dms:{request}:unit:${unitId}`);
  });
});
http.listen(0, '127.0.0.1', () => announce(http));
