import { expect, test } from 'vitest';
import { FAULT_ROUNDS } from '../support/rounds.ts';
import { follow } from './support/follow.ts';
import { signIn } from './support/person.ts';
import { expectAllDelivered, useWork } from './support/work.ts';
import { useWorld } from './support/world.ts';

test(
  'Redis is killed under load: no request fails, and nothing is lost, doubled or out of order',
  async () => {
    const world = await useWorld();
    const { listeners, busy } = await useWork(world);
    for (let time = 0; time < FAULT_ROUNDS; time += 1) {
      await busy.untilDone(20);
      await world.redis.kill();
      await busy.untilDone(20);
      await world.redis.start();
    }
    await busy.untilDone(20);
    expect(await busy.stop()).toBe(0);
    await expectAllDelivered(world, listeners);
  },
  60_000 + FAULT_ROUNDS * 30_000,
);

test(
  'Django is killed under load: the relay sends events that were committed but not sent',
  async () => {
    const world = await useWorld();
    let django = world.django;
    await world.dms.relay();
    const { listeners, busy } = await useWork(world);
    for (let time = 0; time < FAULT_ROUNDS; time += 1) {
      await busy.untilDone(20);
      await django.kill();
      django = await world.dms.serve();
    }
    await busy.untilDone(20);
    expect(await busy.stop()).toBeGreaterThan(0);
    await expectAllDelivered(world, listeners);
  },
  60_000 + FAULT_ROUNDS * 30_000,
);

test(
  'the relay is killed under load: the next one continues at the same event',
  async () => {
    const world = await useWorld({ settings: { LIVE_SENDER: 'relay' } });
    let relay = await world.dms.relay();
    const { listeners, busy } = await useWork(world);
    for (let time = 0; time < FAULT_ROUNDS; time += 1) {
      await busy.untilDone(20);
      await relay.kill();
      await busy.untilDone(10);
      relay = await world.dms.relay();
    }
    await busy.untilDone(20);
    expect(await busy.stop()).toBe(0);
    await expectAllDelivered(world, listeners);
  },
  60_000 + FAULT_ROUNDS * 30_000,
);

test('events are committed while Redis is away, and Django is killed before it is back: the relay publishes them', async () => {
  const world = await useWorld();
  const [head, keeper] = [await signIn(world.dms, 'leila'), await signIn(world.dms, 'peter')];
  const following = await follow(world, head, 'requests');
  const { results } = await head.get('requests/?status=Pending');
  await world.redis.kill();
  for (const { id } of results) await keeper.post(`requests/${id}/approve/`, { signature: 'demo' });
  await world.django.kill();
  await world.redis.start();
  await world.dms.relay();
  const events = await following.events(results.length);
  expect(events.map(({ action, request }) => `${action} ${request.id}`)).toEqual(
    results.map(({ id }: { id: number }) => `APPROVED ${id}`),
  );
}, 60_000);
