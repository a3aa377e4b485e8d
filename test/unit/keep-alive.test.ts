import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createTurn, type SharedResults } from 'yoga-shared-subscriptions';
import type { SocketVisit } from '../../src/transport/admission/admission.ts';
import { keepAlive } from '../../src/transport/keep-alive.ts';
import { Connection } from '../../src/transport/websocket-connection.ts';

const MAX_OUTBOX_BYTES = 100;

afterEach(() => void vi.useRealTimers());

/** A connection, and its client. */
async function useConnection() {
  const server = new WebSocketServer({ noServer: true });
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const upgraded = once(http, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>;
  const { port } = http.address() as AddressInfo; // it listens on a port, not on a pipe
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const opened = once(client, 'open');
  onTestFinished(() => {
    client.terminate();
    http.close();
  });
  const [request, stream, head] = await upgraded;
  const socket = await new Promise<WebSocket>((resolve) =>
    server.handleUpgrade(request, stream, head, resolve),
  );
  await opened;
  const onSlow = vi.fn();
  const visit: SocketVisit = { address: '127.0.0.1', opened: () => undefined, signIn: (start) => start() };
  const connection = new Connection(socket, stream, visit, {
    maxOutboxBytes: MAX_OUTBOX_BYTES,
    maxMessagesPerSecond: 0,
    maxSubscriptionsPerConnection: 1,
    turn: createTurn(() => undefined),
    onSlow,
    onOverrun: () => undefined,
    onMisuse: () => undefined,
  });
  socket.on('pong', () => connection.takePong());
  return { connection, client, onSlow };
}

test('a client that has read everything is not too slow because it is pinged while much waits for it', async () => {
  const { connection, client, onSlow } = await useConnection();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(keepAlive(new Set([connection])));
  const text = 'x'.repeat(2 * MAX_OUTBOX_BYTES);
  const received = Promise.all([once(client, 'message'), once(client, 'ping')]);
  connection.send(text);
  vi.advanceTimersByTime(12_000);
  expect(onSlow).not.toHaveBeenCalled();
  expect(String((await received)[0])).toContain(text);
});

test('sockets that came at once have their turns one after another, and each has its own every 12 seconds', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, async () => (await useConnection()).connection));
  const pings = all.map((connection) => vi.spyOn(connection, 'write'));
  const counts = (): number[] => pings.map(({ mock }) => mock.calls.length);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(keepAlive(new Set(all)));
  for (let second = 1; second <= 12; second += 1) {
    vi.advanceTimersByTime(1000);
    expect(counts()).toEqual(all.map((_connection, at) => (at < second ? 1 : 0)));
  }
  const answers = all.map(({ socket }) => once(socket, 'pong'));
  await Promise.all(answers);
  vi.advanceTimersByTime(12_000);
  expect(counts()).toEqual(all.map(() => 2));
});

/** A subscription that has this cursor, and runs without end. */
function subscriptionAt(cursor: string): SharedResults {
  async function* nothing() {
    await new Promise<never>(() => undefined);
    return undefined;
  }
  const shared = { attach: () => undefined, end: () => undefined, cursor: () => cursor, context: {} };
  return Object.assign(nothing(), shared);
}

test('a ping leaves in one write with the cursors of its operations', async () => {
  const { connection, client } = await useConnection();
  connection.onMessage(() => new Promise(() => undefined));
  void connection.receive('{"type":"subscribe","id":"1"}');
  const operation = connection.operations?.get('1');
  if (operation === undefined) throw new Error('no operation');
  operation.results = subscriptionAt('after the third');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(keepAlive(new Set([connection])));
  // What a stream gives its socket: one piece, or several in one go.
  const single = vi.spyOn(connection.stream, '_write');
  const together = vi.spyOn(connection.stream, '_writev' as '_write');
  const received = Promise.all([once(client, 'message'), once(client, 'ping')]);
  vi.advanceTimersByTime(12_000);
  const [[message]] = await received;
  expect(JSON.parse(String(message))).toEqual({
    type: 'ping',
    payload: { cursors: { 1: 'after the third' } },
  });
  expect([single.mock.calls.length, together.mock.calls.length]).toEqual([1, 0]);
});

/** Runs the timers, with a clock of which a stall is a part. */
function useClock() {
  let now = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  return {
    pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        now += 1000;
        vi.advanceTimersByTime(1000);
      }
    },
    /** No timer runs meanwhile. */
    stall(seconds: number) {
      now += 1000 * seconds;
    },
  };
}

test('a client that answers no ping is ended within 24 seconds, and no other', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, async () => (await useConnection()).connection));
  const [silent, ...others] = all;
  const ended = all.map(({ socket }) => vi.spyOn(socket, 'terminate'));
  const { pass } = useClock();
  onTestFinished(keepAlive(new Set(all)));
  for (const connection of others)
    vi.spyOn(connection, 'write').mockImplementation(() => void connection.socket.emit('pong'));
  if (silent !== undefined) vi.spyOn(silent, 'write').mockReturnValue();
  pass(12);
  expect(ended.map(({ mock }) => mock.calls.length)).toEqual(all.map(() => 0));
  pass(12);
  expect(ended.map(({ mock }) => mock.calls.length)).toEqual([1, ...others.map(() => 0)]);
});

test('a client whose answer may lie unread after a stall gets another turn', async () => {
  const { connection } = await useConnection();
  const ended = vi.spyOn(connection.socket, 'terminate').mockReturnValue();
  vi.spyOn(connection, 'write').mockReturnValue();
  const { pass, stall } = useClock();
  onTestFinished(keepAlive(new Set([connection])));
  pass(12);
  stall(11);
  pass(12);
  expect(ended).not.toHaveBeenCalled();
  pass(12);
  expect(ended).toHaveBeenCalledOnce();
});
