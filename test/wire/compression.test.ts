/** Compression of what WebSockets receive: who gets it, that it says the same, and that it opens no door. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { type Addressed, Queue, socketUrl } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id action locations { id unitId roomName rackName } } }';
const COMPRESSION = { COMPRESSION: 'true' };

interface Client {
  readonly socket: WebSocket;
  /** The connection under it. */
  readonly raw: Socket;
  next(): Promise<unknown>;
  readonly closed: Promise<number>;
}

/** A client that has signed in and subscribed, and has the first position. */
async function subscribe(
  app: Addressed,
  perMessageDeflate: WebSocket.ClientOptions['perMessageDeflate'],
  id = 'a',
): Promise<Client> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws', { perMessageDeflate });
  onTestFinished(() => socket.terminate());
  const queue = new Queue<unknown>();
  const placed = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'ping') resolve();
      else queue.push(message);
    });
  });
  const upgraded = once(socket, 'upgrade');
  await once(socket, 'open');
  const [{ socket: raw }] = await upgraded;
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: await people.head() } }));
  expect(await queue.next()).toEqual({ type: 'connection_ack' });
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: STORAGE } }));
  await placed;
  const closed = once(socket, 'close').then(([code]) => Number(code));
  return { socket, raw, next: () => queue.next(), closed };
}

/** Publishes an event that begins a new batch, and waits until each client has it. */
async function publishTo(
  app: App,
  clients: readonly Client[],
  roomNames: readonly string[],
): Promise<unknown[]> {
  const locations = roomNames.map((roomName, at) => entities.storage({ id: at + 1, roomName }));
  const event = messages.storage({}, { id: `with ${roomNames.length}`, locations });
  await app.bus.publish('dms:storage:unit:5', JSON.stringify(event));
  return Promise.all(clients.map((client) => client.next()));
}

describe('COMPRESSION', () => {
  test('gives clients that offer it fewer bytes that say the same, and leaves the others as they are', async () => {
    const app = await useApp(COMPRESSION);
    const offering = await subscribe(app, true);
    const other = await subscribe(app, false);
    const third = await subscribe(app, { serverNoContextTakeover: true, serverMaxWindowBits: 10 });
    expect([offering, other, third].map(({ socket }) => socket.extensions)).toEqual([
      'permessage-deflate',
      '',
      '',
    ]);
    // One is large enough to be shared as a buffer.
    for (const names of [
      ['Room ü'],
      ['R1', 'R2'],
      Array.from({ length: 150 }, (_, at) => `Room ${at * 7919}`),
    ]) {
      const before = [offering.raw.bytesRead, other.raw.bytesRead];
      const [small, whole, same] = await publishTo(app, [offering, other, third], names);
      expect(whole).toMatchObject({ id: 'a', type: 'next', payload: { data: { storageUpdated: {} } } });
      expect(small).toEqual(whole);
      expect(same).toEqual(whole);
      const [few = 0, many = 0] = [offering.raw.bytesRead, other.raw.bytesRead].map(
        (read, at) => read - (before[at] ?? 0),
      );
      if (names.length > 2) expect(few / many).toBeLessThan(0.5);
    }
  });

  test('is off by default: an offer is declined', async () => {
    const app = await useApp();
    const client = await subscribe(app, true);
    expect(client.socket.extensions).toBe('');
  });

  test('takes compressed messages of clients, bounds them by what they unpack to, and refuses broken ones', async () => {
    const app = await useApp(COMPRESSION);
    const packing = await subscribe(app, { threshold: 0 });
    packing.socket.send(
      JSON.stringify({ id: 'b', type: 'subscribe', payload: { query: '{ viewer { id } }' } }),
    );
    expect(await packing.next()).toMatchObject({ id: 'b', payload: { data: { viewer: { id: '17' } } } });

    const bomb = await subscribe(app, { threshold: 0 });
    const written = bomb.raw.bytesWritten;
    bomb.socket.send(
      JSON.stringify({ id: 'b', type: 'subscribe', payload: { query: `#${' '.repeat(1 << 22)}` } }),
    );
    expect(await bomb.closed).toBe(1009);
    expect(bomb.raw.bytesWritten - written).toBeLessThan(10_000);

    const broken = await subscribe(app, true);
    const packed = deflateRawSync(Buffer.from('{"type":"ping"}'), { finishFlush: constants.Z_SYNC_FLUSH });
    packed.fill(0xff, 0, 4);
    broken.raw.write(Buffer.concat([Buffer.from([0xc1, 0x80 | packed.length, 0, 0, 0, 0]), packed]));
    expect(await broken.closed).toBe(1007);
    await until(() => app.stats().connections === 1);
  });
});
