/** All clients of an office with one address return at once after a restart, under the default limits. */
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SocketConstructor } from '../../client/src/connection/websocket.ts';
import type { LiveClient } from '../../client/src/index.ts';
import { useServer } from '../faults/support/world.ts';
import { type Addressed, socketUrl } from '../support/clients.ts';
import { readMetrics } from '../support/metrics.ts';
import { freePort, useRedis } from '../support/redis.ts';
import { useUpgraded } from '../support/strangers.ts';
import { signToken } from '../support/tokens.ts';
import { follow, useLive } from './support/live.ts';

const OFFICE = '203.0.113.7';
const ATTACKER = '198.51.100.1';

/** Browsers do not send this header. The proxy adds it to report their address. */
function comingFrom(address: string): SocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { headers: { 'X-Forwarded-For': address } });
    }
  };
}

/** A tab with a stock client, as docs/clients.md sets it up. */
function openTab(app: { readonly url: string }, token: string): void {
  const client = createClient({
    url: socketUrl(app),
    webSocketImpl: comingFrom(OFFICE),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) =>
      new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500 * 2 ** retries, 5000))),
  });
  onTestFinished(() => Promise.resolve(client.dispose()).catch(() => undefined)); // it may still be connecting
  const query = 'subscription { storageUpdated { id } }';
  client.subscribe({ query }, { next: () => undefined, error: () => undefined, complete: () => undefined });
}

/** A tab with the React package's connection. */
function openLiveTab(app: { readonly url: string }, token: string): LiveClient {
  const client = useLive(app, {
    getToken: async () => token,
    webSocketImpl: comingFrom(OFFICE),
    transport: 'websocket', // a fetch in Node does not pass the proxy
    retry: { firstMs: 500, maxMs: 5000 },
  });
  follow(client);
  return client;
}

/** Polls only a few times per second, so that the server can serve the clients. */
async function untilBack(server: Addressed, tabs: number): Promise<void> {
  while ((await readMetrics(server)).get('dms_live_subscriptions') !== tabs) await pause(200);
}

/** The number of people, and of each person's tabs: with stock clients, and the same number with ours. */
const [PEOPLE, TABS] = [125, 2];

test('all clients of an office connect, and reconnect after a restart, while an attacker elsewhere uses all its slots', {
  timeout: 240_000,
}, async () => {
  const settings = { TRUSTED_PROXIES: '127.0.0.0/8', PORT: `${await freePort()}` };
  const redis = await useRedis();
  const first = await useServer(redis.url, settings);
  for (let person = 0; person < PEOPLE; person += 1) {
    const token = await signToken({ user_id: `person-${person}` });
    for (let tab = 0; tab < TABS; tab += 1) {
      openTab(first, token);
      openLiveTab(first, token);
    }
  }
  const tabs = PEOPLE * TABS * 2;
  await untilBack(first, tabs);
  first.program.child.kill('SIGKILL');
  await first.program.exited;

  const again = await useServer(redis.url, settings);
  const headers = { 'X-Forwarded-For': ATTACKER };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 300 }, () => useUpgraded(again, { headers })),
  );
  await untilBack(again, tabs);
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(200);
});
