/** The files of deploy/redis: their accounts are enough for everything that the server and publishers do, and for no more. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { connectPublisher } from '../../src/publisher.ts';
import { useProcess } from '../faults/support/redis-process.ts';
import { deployedAccounts, documentedAccounts } from '../support/acl.ts';
import { useApp } from '../support/app.ts';
import { useClient as useSubscriber } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { freePort, until } from '../support/redis.ts';
import { type Followed, useResumer } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** A Redis with the files of deploy/redis, and the passwords that an operator makes. Only its port and folder are the test's. */
async function useGuardedRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-redis-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  execFileSync(join(DEPLOY, 'make-secrets.sh'), [folder, 'dms.example.org']);
  const passwords = parseEnv(await readFile(join(folder, 'passwords.env'), 'utf8'));
  const port = await freePort();
  const own = ['--port', `${port}`, '--dir', folder, '--aclfile', join(folder, 'users.acl')];
  const operator = { username: 'dms-operator', password: passwords['REDIS_OPERATOR_PASSWORD'] ?? '' };
  const redis = await useProcess(port, 'redis-server', [join(DEPLOY, 'redis/redis.conf'), ...own], operator);
  const as = (account: string, password = ''): string => redis.url.replace('//', `//${account}:${password}@`);
  return {
    redis,
    server: as('dms-live-server', passwords['REDIS_SERVER_PASSWORD']),
    publisher: as('dms-live-publisher', passwords['REDIS_PUBLISHER_PASSWORD']),
    metrics: as('dms-live-metrics', passwords['REDIS_METRICS_PASSWORD']),
  };
}

/** A client that does not ask whether Redis is loading: not every account may. */
function useClient(url: string): Redis {
  const client = new Redis(url, { lazyConnect: true, enableReadyCheck: false });
  onTestFinished(() => client.disconnect());
  return client;
}

function usePublisher(redisUrl: string) {
  const publisher = connectPublisher({ redisUrl });
  onTestFinished(() => publisher.close());
  return publisher;
}

/** One event of each kind, of unit 5. */
async function publishAll({ publish }: ReturnType<typeof usePublisher>, time: number): Promise<void> {
  const unitId = '5';
  const id = `${time}`;
  await publish({ kind: 'request', unitId }, messages.request({}, { id }) as never);
  await publish({ kind: 'crate', unitId }, messages.crate({}, { id }) as never);
  await publish({ kind: 'sendback', unitId }, messages.sendback({}, { id }) as never);
  await publish({ kind: 'storage', unitId }, messages.storage({}, { id }) as never);
  await publish({ kind: 'audit', unitId }, messages.audit({}, { id }) as never);
  await publish({ kind: 'kpis', unitId }, messages.kpis({ id }) as never);
}

const LOGGED = ['requestUpdated', 'crateUpdated', 'sendBackCreated', 'storageUpdated', 'auditLogged'];
const withUnit = (field: string, unit: string): string => `subscription { ${field}${unit} { id } }`;

test('they are enough to subscribe to every field, of one unit and of all, to resume, and to revoke', async () => {
  const { redis, server, publisher: publisherUrl } = await useGuardedRedis();
  const app = await useApp({ REDIS_URL: server, REVOCATION_CHECK_SECONDS: '1', PRESENCE: 'true' });
  const publisher = usePublisher(publisherUrl);
  await untilReady(app);
  const admin = await useResumer(app, await people.admin());
  const queries = ['(unitId: "5")', ''].flatMap((unit) => LOGGED.map((field) => withUnit(field, unit)));
  const operations: Followed[] = queries.map((query) => admin.run(query));
  const figures = admin.run(withUnit('dashboardKpis', '(unitId: "5")'));
  for (const operation of [...operations, figures]) await operation.position();
  await publishAll(publisher, 1);
  for (const operation of [...operations, figures]) expect(await operation.next()).toBe('1');

  const after = operations[0]?.cursor;
  await publishAll(publisher, 2);
  for (const operation of [...operations, figures]) expect(await operation.next()).toBe('2');
  const resumed = admin.run(withUnit('requestUpdated', '(unitId: "5")'), { after });
  expect(await resumed.next()).toBe('2');

  const mine = (await useResumer(app, await signToken())).run(
    'subscription { sendBackCreated(mine: true) { id } }',
  );
  await mine.position();
  await publisher.publish({ kind: 'sendback', userId: '17' }, messages.sendback({}, { id: 'mine' }) as never);
  expect(await mine.next()).toBe('mine');

  const head = useSubscriber(app, await people.head());
  await head.run('subscription { presence(kind: "request") { objectId } }').data();
  await head.run('subscription { announcePresence(kind: "request", id: 1) }').data();
  await until(async () => (await redis.client.keys('dms:{presence}:request:5:*')).length === 1);
  expect(await readReadiness(app)).toEqual({ status: 200, reason: '', warnings: [] });
  expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
});

test('they are enough to keep dead letters, and to end sessions by message and by key', async () => {
  const { redis, server, publisher } = await useGuardedRedis();
  const app = await useApp({ REDIS_URL: server, REVOCATION_CHECK_SECONDS: '1' });
  await untilReady(app);
  const raw = useClient(publisher);
  const head = await useResumer(app, await people.head());
  await head.run(withUnit('requestUpdated', '')).position();
  await raw.publish('dms:request:unit:5', 'not JSON');
  await until(async () => (await redis.client.xlen('dms:deadletters')) === 1);
  await raw.publish('dms:session', '{"action":"REVOKED","userId":17}');
  await until(() => head.socket.readyState === head.socket.CLOSED);

  const stranger = await useResumer(app, await people.stranger());
  await stranger.run(withUnit('requestUpdated', '')).position();
  await raw.set('dms:session:revoked:user:23', Math.ceil(Date.now() / 1000), 'EX', 60);
  await until(() => stranger.socket.readyState === stranger.socket.CLOSED);
  expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
});

test('a publisher’s account may not subscribe, and neither account may touch keys and channels of others', async () => {
  const { server, publisher } = await useGuardedRedis();
  for (const url of [server, publisher]) {
    const client = useClient(url);
    await expect(client.get('other:key')).rejects.toThrow('NOPERM');
    await expect(client.publish('other:channel', '')).rejects.toThrow('NOPERM');
    await expect(client.config('GET', 'maxmemory')).rejects.toThrow('NOPERM');
    await expect(client.flushall()).rejects.toThrow('NOPERM');
    if (url === publisher) await expect(client.subscribe('dms:session')).rejects.toThrow('NOPERM');
  }
});

test('a client without an account may do nothing; the account for metrics reads no event', async () => {
  const { redis, metrics } = await useGuardedRedis();
  await expect(useClient(redis.url).ping()).rejects.toThrow('NOAUTH');
  const exporter = useClient(metrics);
  expect(await exporter.info()).toContain('used_memory');
  await expect(exporter.xrange('dms:request:unit:5', '-', '+')).rejects.toThrow('NOPERM');
  await expect(exporter.psubscribe('dms:*')).rejects.toThrow('NOPERM');
});

test('Redis keeps what it confirms, and evicts nothing', async () => {
  const { redis } = await useGuardedRedis();
  const settings = await redis.client.config('GET', 'appendonly');
  expect([settings, await redis.client.config('GET', 'maxmemory-policy')].flat()).toEqual([
    'appendonly',
    'yes',
    'maxmemory-policy',
    'noeviction',
  ]);
});

test('docs/redis.md shows the same accounts', () => {
  const withoutPassword = (accounts: readonly (readonly string[])[]) =>
    accounts.map((words) => words.filter((word) => !/^[>#]/.test(word)));
  const deployed = withoutPassword(deployedAccounts());
  for (const account of withoutPassword(documentedAccounts())) expect(deployed).toContainEqual(account);
});
