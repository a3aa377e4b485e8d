/**
 * A socket that the server has closed is gone within seconds, whatever its client does. Keep-alive would end it only after 24 s.
 */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import {
  frame,
  handshake,
  Opcode,
  type RawSocket,
  request,
  signIn,
  useRawSocket,
  useUpgraded,
} from '../support/strangers.ts';
import { people } from '../support/tokens.ts';

/** Shorter than the 24 s after which keep-alive ends a silent client. */
const SOON = { timeout: 20_000 };

const subscribe = (id: string, query: string) =>
  frame(Opcode.Text, JSON.stringify({ id, type: 'subscribe', payload: { query } }));
const STORAGE = 'subscription { storageUpdated { id } }';

/** A client that ignores everything that the server sends, even the end of the connection. */
const useDeaf = (app: App): Promise<RawSocket> => useUpgraded(app, { ignoresEnd: true });

async function useSignedInDeaf(app: App): Promise<RawSocket> {
  const raw = await useDeaf(app);
  await signIn(raw, await people.head());
  return raw;
}

/** Writes until the other side answers with a reset. Only a reset shows that a half-open connection is gone. */
async function untilCutOff({ socket }: RawSocket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const timer = setInterval(() => socket.write(frame(Opcode.Pong)), 50);
  await closed;
  clearInterval(timer);
}

describe('a WebSocket whose client ignores the close frame', () => {
  test.each<[string, number, (app: App) => Promise<RawSocket>]>([
    [
      'for a binary message',
      4400,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        raw.socket.write(frame(Opcode.Binary, 'x'));
        return raw;
      },
    ],
    [
      'for a frame that breaks the protocol',
      1002,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        raw.socket.write(Buffer.from([0xff, 0xff]));
        return raw;
      },
    ],
    [
      'for a message that is too big',
      1009,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        raw.socket.write(frame(Opcode.Text, 'x'.repeat(2000)));
        return raw;
      },
    ],
    [
      'for a token that is refused',
      4401,
      async (app) => {
        const raw = await useDeaf(app);
        raw.socket.write(frame(Opcode.Text, '{"type":"connection_init"}'));
        return raw;
      },
    ],
    ['for no token', 4408, useDeaf],
    [
      'for a session that is revoked',
      4401,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        await until(() => app.stats().sessions === 1);
        await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 17 }));
        return raw;
      },
    ],
    [
      'for too many messages',
      4429,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        raw.socket.write(Buffer.concat(Array<Buffer>(2000).fill(frame(Opcode.Pong))));
        return raw;
      },
    ],
    [
      'which it asked for itself',
      1000,
      async (app) => {
        const raw = await useSignedInDeaf(app);
        raw.socket.write(frame(Opcode.Close, Buffer.from([0x03, 0xe8])));
        return raw;
      },
    ],
  ])('%s is gone', SOON, async (_why, code, begin) => {
    const app = await useApp({ MAX_MESSAGE_BYTES: '1024' });
    const raw = await begin(app);
    expect(await raw.closeCode).toBe(code);
    await until(() => app.stats().connections === 0);
    expect(app.stats().sessions).toBe(0);
    await untilCutOff(raw);
  });
});

describe('a WebSocket whose client', () => {
  // Some hundred large answers take a busy machine longer than keep-alive waits. On a quiet machine it is clear that keep-alive
  // is not the cause.
  test('does not read is gone once it is closed for that', { timeout: 90_000 }, async () => {
    const app = await useApp({ MAX_OUTBOX_BYTES: '65536' });
    const raw = await useSignedInDeaf(app);
    raw.socket.pause();
    for (let at = 0; app.stats().connections === 1 && at < 400; at += 1) {
      raw.socket.write(
        subscribe(`${at}`, '{ __schema { types { name description fields { name description } } } }'),
      );
      await new Promise(setImmediate);
    }
    await until(() => app.stats().connections === 0);
    expect((await readMetrics(app)).get('dms_live_slow_clients_closed_total')).toBeLessThanOrEqual(1);
  });

  test('ends its side and does not read is gone', SOON, async () => {
    const app = await useApp();
    const raw = await useSignedInDeaf(app);
    raw.socket.write(subscribe('a', STORAGE));
    await until(() => app.stats().subscriptions === 1);
    raw.socket.pause();
    raw.socket.end();
    await until(() => app.stats().connections === 0 && app.stats().subscriptions === 0);
  });
});

describe('an HTTP connection whose client does not close it is gone', () => {
  test.each<[string, number, string]>([
    ['after Connection: close', 400, request('GET', { Host: 'x', Connection: 'close' })],
    ['after a request of HTTP/1.0', 400, request('GET', { Host: 'x' }).replace('HTTP/1.1', 'HTTP/1.0')],
    ['after a refused upgrade', 404, handshake().replace('/graphql', '/nope')],
    ['after a refused origin', 403, handshake({ Origin: 'https://evil.example' })],
    ['after an upgrade without a key', 400, handshake({ 'Sec-WebSocket-Key': 'x' })],
    ['after no HTTP at all', 400, 'hello\r\n\r\n'],
    [
      'after a body that was not read',
      413,
      request('POST', { Host: 'x', 'Content-Type': 'application/json', 'Content-Length': '999999999' }),
    ],
  ])('%s', SOON, async (_when, status, bytes) => {
    const app = await useApp();
    const raw = useRawSocket(app, { ignoresEnd: true });
    raw.socket.write(bytes);
    expect(await raw.status).toBe(status);
    await raw.ended;
    await untilCutOff(raw);
  });

  test('and also if its client has ended its side and does not read an event stream', SOON, async () => {
    const app = await useApp();
    const raw = useRawSocket(app, { ignoresEnd: true });
    const headers = {
      Host: 'x',
      Accept: 'text/event-stream',
      Authorization: `Bearer ${await people.head()}`,
      'Content-Type': 'application/json',
    };
    const body = JSON.stringify({ query: STORAGE });
    raw.socket.write(request('POST', { ...headers, 'Content-Length': `${body.length}` }, body));
    await until(() => app.stats().subscriptions === 1);
    raw.socket.pause();
    raw.socket.end();
    await until(() => app.stats().connections === 0 && app.stats().subscriptions === 0);
  });
});

test('a stop waits no longer than that for clients that ignore it', SOON, async () => {
  const app = await useApp({ SHUTDOWN_SECONDS: '3600' });
  const deaf = [await useSignedInDeaf(app), await useSignedInDeaf(app)];
  const http = useRawSocket(app, { ignoresEnd: true });
  http.socket.write(request('GET', { Host: 'x' }));
  await http.status;
  const closed = app.close();
  for (const raw of deaf) expect(await raw.closeCode).toBe(1012);
  await closed;
  expect(app.stats().connections).toBe(0);
});
