/**
 * Limits on what a client may send: before it has signed in, and per second. A client that exceeds them is closed with
 * a code, and no other client notices.
 */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl, useRawClient, useSignedInRawClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import {
  frame,
  Opcode,
  type RawSocket,
  request,
  signIn,
  useRawSocket,
  useUpgraded,
} from '../support/strangers.ts';
import { people } from '../support/tokens.ts';

const refusedMessages = async (app: App): Promise<number | undefined> =>
  (await readMetrics(app)).get('dms_live_refused_total{limit="messages"}');

const repeated = (part: Buffer, times: number): Buffer => Buffer.concat(Array<Buffer>(times).fill(part));

/** Sends the same bytes again and again until the connection is cut off. Returns how many bytes were sent. */
async function flood({ socket }: RawSocket, block: Buffer): Promise<number> {
  const before = socket.bytesWritten;
  while (!socket.destroyed) {
    if (socket.write(block)) await new Promise(setImmediate);
    else await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
  return socket.bytesWritten - socket.writableLength - before;
}

describe('before it has signed in, a client', () => {
  test.each([
    ['pings', frame(Opcode.Ping)],
    ['pongs', frame(Opcode.Pong, 'x'.repeat(125))],
    ['pings of the protocol', frame(Opcode.Text, '{"type":"ping"}')],
  ])('that sends eleven %s is closed with 4429', async (_what, part) => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    raw.socket.write(repeated(part, 10));
    await until(() => app.stats().connections === 1);
    raw.socket.write(part);
    expect(await raw.closeCode).toBe(4429);
    await until(() => app.stats().connections === 0);
    expect(await refusedMessages(app)).toBe(1);
  });

  test('may send the longest token that is allowed, and little more', async () => {
    const app = await useApp();
    const init = (length: number) =>
      frame(
        Opcode.Text,
        JSON.stringify({
          type: 'connection_init',
          payload: { authorization: `Bearer ${'x'.repeat(length)}` },
        }),
      );
    const long = await useUpgraded(app);
    long.socket.write(init(16_384));
    expect(await long.closeCode).toBe(4401);
    const longer = await useUpgraded(app);
    longer.socket.write(init(30_000));
    expect(await longer.closeCode).toBe(1009);
    expect(await refusedMessages(app)).toBe(1);
  });

  test('that sends a large message in pieces is closed before much of it is stored', async () => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    const header = frame(Opcode.Text, '', { announced: 60_000 });
    raw.socket.write(header);
    for (let kb = 0; kb < 21; kb += 1) raw.socket.write(Buffer.alloc(1024));
    expect(await raw.closeCode).toBe(1009);
  });

  test('that sends a message byte by byte is closed after some hundred bytes', async () => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    raw.socket.setNoDelay(true);
    raw.socket.write(frame(Opcode.Text, '', { announced: 10_000 }));
    let sent = 0;
    for (; sent < 10_000 && !raw.socket.destroyed && raw.text.indexOf('\x88') < 0; sent += 1) {
      raw.socket.write('x');
      await new Promise(setImmediate);
    }
    expect(await raw.closeCode).toBe(1008);
    expect(sent).toBeLessThan(10_000);
  });

  test('that sends endless empty pieces of a message is closed', async () => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    raw.socket.write(frame(Opcode.Text, '', { fin: false }));
    raw.socket.write(repeated(frame(Opcode.Continuation, '', { fin: false }), 1000));
    expect(await raw.closeCode).toBe(1008);
  });

  test('that goes on sending after its token was refused is cut off', async () => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    raw.socket.write(frame(Opcode.Text, '{"type":"connection_init"}'));
    expect(await raw.closeCode).toBe(4401);
    expect(await flood(raw, repeated(frame(Opcode.Ping), 1000))).toBeLessThan(20_000_000);
  });
});

describe('MAX_MESSAGES_PER_SECOND', () => {
  test('a client that floods is closed with 4429, and the server stops reading from it', async () => {
    const app = await useApp();
    const raw = await useUpgraded(app);
    await signIn(raw, await people.head());
    await flood(raw, repeated(frame(Opcode.Pong, 'x'.repeat(125)), 500));
    await until(() => app.stats().connections === 0);
    expect(app.stats().sessions).toBe(0);
    expect(await refusedMessages(app)).toBe(1);
  });

  test('the close code reaches a client that reads', async () => {
    const app = await useApp({ MAX_MESSAGES_PER_SECOND: '1', MAX_SUBSCRIPTIONS_PER_CONNECTION: '1' });
    const client = await useSignedInRawClient(app, await people.head());
    for (let time = 0; time < 50; time += 1) client.send({ type: 'pong' });
    expect(await client.closed).toMatchObject({ code: 4429, reason: 'Too many messages' });
  });

  test('a client may subscribe to its maximum, complete all of it, and subscribe again', async () => {
    const app = await useApp();
    const client = await useSignedInRawClient(app, await people.head());
    const ids = Array.from({ length: 100 }, (_, at) => `${at}`);
    const query = 'subscription { storageUpdated { id } }';
    for (const id of ids) client.send({ id, type: 'subscribe', payload: { query } });
    await until(() => app.stats().subscriptions === 100);
    for (const _id of ids) client.send({ type: 'pong' });
    for (const id of ids) client.send({ id, type: 'complete' });
    await until(() => app.stats().subscriptions === 0);
    for (const id of ids) client.send({ id, type: 'subscribe', payload: { query } });
    await until(() => app.stats().subscriptions === 100);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  test('others get their events in the meantime', async () => {
    const app = await useApp();
    const token = await people.head();
    const good = await useSignedInRawClient(app, token);
    good.send({ id: 'a', type: 'subscribe', payload: { query: 'subscription { storageUpdated { id } }' } });
    await until(() => app.stats().subscriptions === 1);
    const raw = await useUpgraded(app);
    await signIn(raw, token);
    const flooding = flood(raw, repeated(frame(Opcode.Pong), 10_000));
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'e' })));
    expect(await good.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'e' } } } });
    await flooding;
  });

  test('0 means no limit', async () => {
    const app = await useApp({ MAX_MESSAGES_PER_SECOND: '0' });
    const client = await useSignedInRawClient(app, await people.head());
    for (let time = 0; time < 5000; time += 1) client.send({ type: 'pong' });
    client.send({ type: 'ping', payload: { last: true } });
    expect(await client.next()).toEqual({ type: 'pong', payload: { last: true } });
  });
});

describe('over HTTP a client', () => {
  test.each([
    [
      'a URL of 20,000 characters',
      () => request('GET', { Host: 'x' }).replace('/graphql', `/graphql?q=${'x'.repeat(20_000)}`),
    ],
    [
      '5,000 headers',
      () => request('GET', Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`X-${at}`, 'x']))),
    ],
    ['one header of 20,000 characters', () => request('GET', { Host: 'x', X: 'x'.repeat(20_000) })],
  ])('that sends %s is refused with 431', async (_what, bytes) => {
    const app = await useApp();
    const raw = useRawSocket(app);
    raw.socket.write(bytes());
    expect(await raw.status).toBe(431);
    await raw.ended;
  });

  test('whose body is too large gets 413, and the server stops reading it', async () => {
    const app = await useApp();
    const raw = useRawSocket(app);
    const headers = { Host: 'x', 'Content-Type': 'application/json', 'Content-Length': `${10_000_000_000}` };
    raw.socket.write(request('POST', headers));
    await flood(raw, Buffer.alloc(65_536));
    expect(await raw.status).toBe(413);
  });

  test('whose token is refused is not read any further', async () => {
    const app = await useApp();
    const raw = useRawSocket(app);
    raw.socket.write(
      request('POST', {
        Host: 'x',
        Authorization: 'Bearer a.b.c',
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      }),
    );
    await flood(raw, Buffer.from(`8000\r\n${'x'.repeat(0x8000)}\r\n`));
    expect(await raw.status).toBe(401);
  });

  test('may send several requests over one connection, as before', async () => {
    const app = await useApp();
    const token = await people.head();
    for (let time = 0; time < 5; time += 1) {
      const response = await fetch(graphqlUrl(app), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ viewer { id } }' }),
      });
      expect([response.status, response.headers.get('connection')]).toEqual([200, 'keep-alive']);
      await response.json();
    }
  });
});

test('the server negotiates no compression, so that no small message can become a large one', async () => {
  const app = await useApp();
  const client = await useRawClient(app);
  expect(client.socket.extensions).toBe('');
});
