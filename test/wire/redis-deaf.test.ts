/** Redis has confirmed every subscription, and nothing that is published arrives. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

/** An address behind which connections that subscribe reach one Redis, and those that begin otherwise another. */
async function useSplitAddress(targets: { subscribers: number; commands: number }) {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      // The one that subscribes begins by PING, the other by INFO.
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

test('subscriptions held by another Redis than the one that takes the events: it is not ready, and mends itself when one address leads to one Redis', async () => {
  const [old, current] = [await useRedis(), await useRedis()];
  const targets = { subscribers: current.port, commands: current.port };
  const app = await useApp({ REDIS_URL: await useSplitAddress(targets) });
  await untilReady(app);
  const operation = useClient(app, await people.head()).run('subscription { requestUpdated { id } }');
  await current.untilHeard('dms:request:unit:5');
  targets.subscribers = old.port; // as a balancer that has not noticed
  await current.client.client('KILL', 'TYPE', 'pubsub');
  await old.untilHeard('dms:request:unit:5');
  await until(async () => (await readReadiness(app)).reason.includes('does not arrive'));

  targets.subscribers = current.port;
  await untilReady(app); // by connections that it made again itself
  await current.untilHeard('dms:request:unit:5');
  await current.client.publish('dms:request:unit:5', JSON.stringify(messages.request({}, { id: 'now' })));
  expect(await operation.data()).toEqual({ requestUpdated: { id: 'now' } });
}, 60_000);
