/** Redis has confirmed every subscription, but no published message arrives. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

/** An address that connects subscribers to one Redis, and all other connections to another. */
async function useSplitAddress(targets: { subscribers: number; commands: number }) {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      // The subscriber's connection begins with PING, the other one with INFO.
      const isSubscriber = String(first).toLowerCase().includes('ping');
      const upstream = connect(isSubscriber ? targets.subscribers : targets.commands, '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.write(first);
      client.pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `redis://127.0.0.1:${port}`;
}

test('if subscriptions are on another Redis than the events, the server is not ready, and it recovers once the address leads to one Redis', async () => {
  const [old, current] = [await useRedis(), await useRedis()];
  const targets = { subscribers: current.port, commands: current.port };
  const app = await useApp({ REDIS_URL: await useSplitAddress(targets) });
  await untilReady(app);
  const operation = useClient(app, await people.head()).run('subscription { requestUpdated { id } }');
  await current.untilSubscribed('dms:request:unit:5');
  targets.subscribers = old.port; // like a load balancer that has not noticed the change
  await current.client.client('KILL', 'TYPE', 'pubsub');
  await old.untilSubscribed('dms:request:unit:5');
  await until(async () => (await readReadiness(app)).reason.includes('does not arrive'));

  targets.subscribers = current.port;
  await untilReady(app); // the server itself made its connections again
  await current.untilSubscribed('dms:request:unit:5');
  await current.client.publish('dms:request:unit:5', JSON.stringify(messages.request({}, { id: 'now' })));
  expect(await operation.data()).toEqual({ requestUpdated: { id: 'now' } });
}, 60_000);
