import { expect, test } from 'vitest';
import { useClient } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { now } from '../support/tokens.ts';
import { follow, SUBSCRIPTIONS } from './support/follow.ts';
import { refreshed, signIn } from './support/person.ts';
import { useWorld } from './support/world.ts';

test('a unit sees no event of another unit, and a System Admin sees both', async () => {
  const world = await useWorld();
  const [one, two, admin] = await Promise.all([
    signIn(world.dms, 'leila'),
    signIn(world.dms, 'ravi'),
    signIn(world.dms, 'amara'),
  ]);
  const [stranger, everybody] = [await follow(world, two, 'crates'), await follow(world, admin, 'crates')];
  const { id: theirs } = await one.post('crates/', { documents: [] });
  const { id: own } = await two.post('crates/', { documents: [] });
  expect((await stranger.events(1))[0]).toMatchObject({ crate: { id: `${own}`, unitId: '2' } });
  expect((await everybody.events(2)).map(({ crate }) => crate.id)).toEqual([`${theirs}`, `${own}`]);
  expect(stranger.pending).toBe(0);

  const foreign = useClient(world.app, two.token).run(
    'subscription { crateUpdated(unitId: "1") { crate { id } } }',
  );
  expect(await foreign.codes()).toEqual(['FORBIDDEN']);
});

test('a crate that moves to another unit leaves the old unit and enters the new one, together with its request', async () => {
  const world = await useWorld();
  const [one, two, admin] = await Promise.all([
    signIn(world.dms, 'leila'),
    signIn(world.dms, 'ravi'),
    signIn(world.dms, 'amara'),
  ]);
  const { results } = await one.get('requests/?type=Withdrawal&status=Pending');
  const { id, crate } = results[0];
  const crates = [await follow(world, one, 'crates'), await follow(world, two, 'crates')] as const;
  const requests = [await follow(world, one, 'requests'), await follow(world, two, 'requests')] as const;
  await admin.put(`crates/${crate.id}/`, { unit_id: 2 });
  const event = { actor: { id: '1' }, crate: { id: `${crate.id}` } };
  expect(await crates[0].events(1)).toMatchObject([
    { ...event, action: 'MOVED_OUT', crate: { unitId: '1', storage: { id: `${crate.storage.id}` } } },
  ]);
  expect(await crates[1].events(1)).toMatchObject([
    { ...event, action: 'MOVED_IN', crate: { unitId: '2', storage: null } },
  ]);
  expect(await requests[0].events(1)).toMatchObject([
    { action: 'MOVED_OUT', request: { id: `${id}`, unitId: '1' } },
  ]);
  expect(await requests[1].events(1)).toMatchObject([
    { action: 'MOVED_IN', request: { id: `${id}`, unitId: '2', crate: { id: `${crate.id}` } } },
  ]);
  expect([...crates, ...requests].map(({ pending }) => pending)).toEqual([0, 0, 0, 0]);
});

test('a user who moves to another unit is disconnected, and with a new token sees the new unit only', async () => {
  const world = await useWorld();
  const [mover, keeper, old] = await Promise.all([
    signIn(world.dms, 'leila'),
    signIn(world.dms, 'ravi'),
    signIn(world.dms, 'tomas'),
  ]);
  const before = await follow(world, mover, 'crates');
  await world.dms.manage('change_user', 'leila', '--unit', '2');
  expect(await before.next()).toEqual({ closed: { code: 4403, reason: expect.any(String) } });
  const stale = useClient(world.app, mover.token).run(SUBSCRIPTIONS.crates);
  expect(await stale.next()).toEqual({ closed: { code: 4403, reason: expect.any(String) } });

  // Tokens issued in the same second as the change are refused, too.
  const second = now();
  await until(() => now() > second);
  const moved = await refreshed(world.dms, mover);
  const after = await follow(world, moved, 'crates');
  await old.post('crates/', { documents: [] });
  const { id } = await keeper.post('crates/', { documents: [] });
  expect(await after.events(1)).toMatchObject([{ crate: { id: `${id}`, unitId: '2' } }]);
  expect(after.pending).toBe(0);
  expect((await moved.get('me/'))['unit_id']).toBe(2);
});

test('logout ends the session for good', async () => {
  const world = await useWorld();
  const head = await signIn(world.dms, 'leila');
  const following = await follow(world, head, 'requests');
  await head.ask('POST', 'logout/', { refresh: head.refreshToken });
  expect(await following.next()).toEqual({ closed: { code: 4401, reason: expect.any(String) } });
  const again = useClient(world.app, head.token).run(SUBSCRIPTIONS.requests);
  expect(await again.next()).toEqual({ closed: { code: 4401, reason: expect.any(String) } });
});

test.each([
  ['deactivated', ['--deactivate']],
  ['who got a new password', ['--password', 'another']],
])('a user %s is signed out', async (_what, change) => {
  const world = await useWorld();
  const [head, colleague] = [await signIn(world.dms, 'leila'), await signIn(world.dms, 'tomas')];
  const [following, other] = [
    await follow(world, head, 'requests'),
    await follow(world, colleague, 'crates'),
  ];
  await world.dms.manage('change_user', 'leila', ...change);
  expect(await following.next()).toEqual({ closed: { code: 4401, reason: expect.any(String) } });
  expect(other.pending).toBe(0); // nobody else is signed out
});
