import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { watchConnections } from '../../src/transport/http-connections.ts';
import { until } from '../support/redis.ts';

/** Larger than the socket buffers of the system. */
const LARGE = Buffer.alloc(64 * 1024 * 1024);
const STALLED_MS = 2000;

test('A response that its client does not read is cut off. A slow one, or one with nothing to send, is not.', async () => {
  let stalled = 0;
  let idle: ServerResponse | undefined;
  const server = createServer((request, response) => {
    if (request.url !== '/idle') return void response.end(LARGE);
    idle = response;
    response.write('first');
  });
  watchConnections(server, { lookMs: 200, stalledMs: () => STALLED_MS, onStalled: () => (stalled += 1) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  async function ask(path: string): Promise<IncomingMessage> {
    const request = get({ port, path, host: '127.0.0.1', agent: false });
    request.on('error', () => undefined);
    const [response] = await once(request, 'response');
    response.on('error', () => undefined);
    return response;
  }

  const quiet = await ask('/idle');
  const slow = await ask('/slow');
  const unread = await ask('/unread');
  let taken = 0;
  while (stalled === 0) {
    await once(slow, 'readable');
    taken += slow.read()?.length ?? 0;
    await pause(20);
  }
  slow.on('data', (chunk: Buffer) => {
    taken += chunk.length;
  });
  await once(slow, 'end');
  expect(taken).toBe(LARGE.length);
  unread.resume();
  await until(() => unread.closed);
  expect(unread.complete).toBe(false);

  idle?.end(' and last');
  let text = '';
  for await (const chunk of quiet) text += chunk;
  expect([text, stalled]).toEqual(['first and last', 1]);
});
