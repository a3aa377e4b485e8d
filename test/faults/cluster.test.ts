import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { append, listen, names, useRedisBus } from '../support/buses.ts';
import { until } from '../support/redis.ts';
import { SECRET } from '../support/tokens.ts';
import { useCluster } from './support/cluster.ts';
import { EVENT_KINDS, interestIn } from './support/recording.ts';
import { expectFlawless, recordingsOf, useWorld } from './support/world.ts';

const LOGGED = EVENT_KINDS.filter((kind) => kind !== 'kpis');
const TOPICS = ['5', '7'].flatMap((unit) => LOGGED.map((kind) => ({ kind, unit })));

test('three nodes: every subscription, KPIs, all units, resuming; and one node after the other is killed and restarted', async () => {
  const redis = await useCluster();
  const followed = EVENT_KINDS.filter((kind) => kind !== 'audit');
  const { servers, clients, publisher } = await useWorld(redis.url, {
    servers: 2,
    sockets: [
      ['admin', ...LOGGED.map((kind) => interestIn(kind, '5', '7')), interestIn('kpis', 'all')],
      ['5', ...followed.map((kind) => interestIn(kind, '5'))],
      ['7', ...followed.map((kind) => interestIn(kind, '7'))],
    ],
    streams: [
      ['admin', interestIn('storage', '5', '7')],
      ['5', interestIn('request', '5')],
      ['7', interestIn('request', '7')],
    ],
  });
  for (const unit of ['5', '7', 'all']) await publisher.publish({ kind: 'kpis', unit });

  const stop = publisher.flow(TOPICS, 200);
  for (const node of redis.nodes) {
    for (const client of clients) client.cut();
    await pause(500);
    await node.kill();
    await pause(300);
    await node.start();
    await redis.untilWhole();
  }
  await stop();
  for (const unit of ['5', '7', 'all']) await publisher.publish({ kind: 'kpis', unit }, 3);
  await expectFlawless(clients, publisher, servers);
  expect(recordingsOf(clients)).toHaveLength(19);
}, 120_000);

test('a server that knows one node finds the others: when that one is gone, it receives messages through them', async () => {
  const { nodes } = await useCluster();
  const [first, second] = nodes;
  const bus = useRedisBus({ url: `redis+cluster://127.0.0.1:${first?.port}` });
  const received = await listen(bus, { channel: 'dms:session' });
  await bus.read(['any']); // so it knows the cluster
  await first?.kill();
  await until(async () => {
    await second?.client.publish('dms:session', 'by the second');
    return received.length > 0;
  });
  expect((await received.next()).payload.toString()).toBe('by the second');
}, 120_000);

test('every operation of a bus works if the keys are on different nodes', async () => {
  const redis = await useCluster();
  const bus = useRedisBus(redis);
  for (const kind of EVENT_KINDS) {
    const channel = { kind, unitId: '5' } as const;
    const stream = names.streamOf(channel);
    for (const id of ['a', 'b']) await append(bus, id, channel, { events: 10, seconds: 1 });
    expect(await append(bus, 'b', channel)).toBeUndefined();
    await until(async () => {
      await bus.sweep(names.agingOf(kind), { seconds: 60, keepsNewest: false });
      return (await bus.readLast(stream)) === undefined;
    });
    expect((await bus.readSeal(stream))?.offset).toBe(2);
  }
  const ids = ['1', '2', '3', '4', '5', '6'];
  const { revocations: record, session: channel } = names;
  for (const id of ids) {
    await bus.write(names.revocationKeyOf(`revoked:user:${id}`), id, 60);
    await bus.revoke({ record, channel, action: 'REVOKED', whose: 'user', id, seconds: 60, at: Number(id) });
  }
  const fields = ids.map((id) => `revoked:user:${id}`);
  expect(await bus.read(fields.map(names.revocationKeyOf))).toEqual(ids);
  expect(await bus.readFields(record, fields)).toEqual(ids.map((id) => expect.stringMatching(`^${id} `)));
  const found = new Set<string>();
  await bus.findKeys(names.revocationKeyOf('*'), async (keys) => {
    for (const key of keys) found.add(key);
  });
  expect([...found].toSorted()).toEqual(fields.map(names.revocationKeyOf));
  expect(await bus.forgetRevocations(record)).toBe(0);
  await bus.keepDeadLetter(names.deadLetters, {
    topic: 't',
    reason: 'r',
    detail: 'd',
    payload: Buffer.from('p'),
  });
  await bus.forgetDeadLetters(names.deadLetters, 60);
  const board = names.presenceBoard('request');
  await bus.notes?.put(board, new Map(ids.map((id) => [id, `note ${id}`])), 60_000);
  expect(await bus.notes?.all(board)).toEqual(new Map(ids.map((id) => [id, `note ${id}`])));
  expect(await bus.agree(names.generationOf('request'), 'too late')).not.toBe('too late');

  await append(bus, 'for operators', { kind: 'crate', unitId: '5' });
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET };
  const run = async (...args: readonly string[]): Promise<string> => {
    const lines: string[] = [];
    const out = (line: string): void => void lines.push(line);
    await runCommandLine(args, { environment: { ...settings }, out, error: out });
    return lines.join('\n');
  };
  expect(await run('why', '--event', 'for operators')).toContain('ok      topic: dms:crate:unit:5 at ');
  expect(await run('watch', '--since', '1h', '--count', '1')).toContain('dms:crate:unit:5');
  await redis.nodes[1]?.client.call('ACL', 'SETUSER', 'default', '-xdel');
  const examined = await run('doctor');
  expect(examined).toContain('ok      form: Cluster of 3 primaries');
  expect(examined).toContain('fault   commands: the account may not XDEL');
  expect(examined).toContain('ok      prefix: dms: events of ');
});
