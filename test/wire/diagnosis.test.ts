/** `dms-live why`, `watch` and `doctor` against a real Redis and a real server: one of each for all tests. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/log.ts';
import { connectPublisher, type Publisher } from '../../src/publisher.ts';
import { documentedAccounts } from '../support/acl.ts';
import { entities, messages } from '../support/events.ts';
import { untilReady } from '../support/readiness.ts';
import { startRedis, type TestRedis, until } from '../support/redis.ts';
import { useResumer } from '../support/resuming.ts';
import { people, SECRET, signToken } from '../support/tokens.ts';

let redis: TestRedis;
let app: App;
let publisher: Publisher & { close(): Promise<void> };
/** The settings of the server, with the account of docs/redis.md: the commands need no other right. */
let settings: Record<string, string>;

/** The file of its security log. */
let securityLog: string;

beforeAll(async () => {
  redis = await startRedis();
  securityLog = join(await mkdtemp(join(tmpdir(), 'dms-live-record-')), 'security.log');
  for (const words of documentedAccounts()) await redis.client.call('ACL', 'SETUSER', ...words);
  settings = {
    REDIS_URL: redis.url.replace('//', '//dms-live-server:its-password@'),
    JWT_SECRET: SECRET,
    PORT: '0',
    GRAPHIQL: 'false',
    SHUTDOWN_SECONDS: '0',
    SECURITY_LOG: securityLog,
  };
  app = await startApp(readConfig(settings, { needsRedis: true }), createLogger('silent'));
  publisher = connectPublisher({ redisUrl: redis.url });
  await untilReady(app);
});

afterAll(async () => {
  await publisher.close();
  await app.close();
  await redis.stop();
  await rm(dirname(securityLog), { recursive: true });
});

async function run(args: readonly string[], changes: Record<string, string> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCommandLine(args, {
    environment: { ...settings, ...changes },
    out: (line) => void lines.push(line),
    error: (line) => void errors.push(line),
  });
  return { code, lines, text: lines.join('\n'), errors: errors.join('\n') };
}

async function useTokenFile(token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-token-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, `${token}\n`);
  return file;
}

/** Publishes a request of unit 5 whose crate has come to stand in unit 7. */
async function publishRequest(id: string): Promise<string> {
  const crate = entities.crate({ storage: entities.storage({ unitId: 7 }) });
  const event = messages.request({ crate }, { id, occurredAt: new Date().toISOString() });
  await publisher.publish({ kind: 'request', unitId: '5' }, event as never);
  return id;
}

const REQUESTS = 'subscription { requestUpdated { id } }';

describe('why', () => {
  test('an event that was written to a client: where it stands, and where the user is connected', async () => {
    const client = await useResumer(app, await people.head());
    const operation = client.run(REQUESTS);
    await operation.position();
    const other = client.run('subscription { requestUpdated(requestId: "1") { id } }');
    await other.position();
    const id = await publishRequest('why-written');
    expect(await operation.next()).toBe(id);

    const { code, text } = await run(['why', '--event', id, '--user', '17']);
    expect(text).toMatch(/ok +event: why-written: request 4821, CREATED$/m);
    expect(text).toMatch(
      /ok +topic: dms:request:unit:5 at \d+-\d+, at \d+-\d+ for those who read all units$/m,
    );
    expect(text).toMatch(/ok +unit and role: unit 5, Section Head, as the open session says$/m);
    expect(text).toMatch(
      /ok +requestUpdated: delivers it; as null or left out: request.crate.storage of unit 7$/m,
    );
    expect(text).toMatch(/ok +servers: 1 of 1 processes answered: \S+:\d+$/m);
    expect(text).toMatch(/ok +\S+:\d+: websocket from 127\.0\.0\.1 since .+; unit 5, Section Head$/m);
    expect(text).toMatch(
      /ok +requestUpdated: dms:request:unit:5 at \d+-\d+: past the event: it was written/m,
    );
    expect(text).toMatch(/note +requestUpdated\(requestId: "1"\): .+: its arguments leave this event out$/m);
    expect(text).toMatch(/^Conclusion: It was written to the client\./m);
    expect(code).toBe(0);
  });

  test('rules: another unit, all units, a role, and what is addressed to a person', async () => {
    const id = await publishRequest('why-rules');
    const stranger = await run(['why', '--entity', 'request:4821', '--unit', '7', '--role', 'Store Head']);
    expect(stranger.text).toMatch(/note +requestUpdated: reads dms:request:unit:7, where the event is not$/m);
    expect(stranger.text).toMatch(
      /note +requestUpdated\(unitId: "5"\): refused: You may only see your own unit/m,
    );
    expect(stranger.text).toContain('Conclusion: No field of the API delivers it to this user');
    expect(stranger.code).toBe(1);
    const admin = await run(['why', '--event', id, '--unit', '1', '--role', 'System Admin']);
    expect(admin.text).toMatch(/ok +requestUpdated: delivers it$/m);
    expect(admin.code).toBe(0);

    await publisher.publish({ kind: 'audit', unitId: '5' }, messages.audit({}, { id: 'why-audit' }) as never);
    const head = await run(['why', '--event', 'why-audit', '--unit', '5', '--role', 'Section Head']);
    expect(head.text).toMatch(/note +auditLogged: refused: Your role may not see auditLogged/m);
    const auditor = await run(['why', '--event', 'why-audit', '--unit', '5', '--role', 'Auditor'], {
      AUDIT_ROLES: 'Auditor',
    });
    expect(auditor.text).toMatch(
      /ok +auditLogged: delivers it; refused if it selects entry.ipAddress \(ADMIN\), entry.changes \(ADMIN\)$/m,
    );

    const event = messages.sendback({}, { id: 'why-mine' });
    await publisher.publish({ kind: 'sendback', userId: '23' }, event as never);
    const mine = await run(['why', '--event', 'why-mine', '--user', '23', '--unit', '7']);
    expect(mine.text).toMatch(
      /ok +sendBackCreated\(mine: true\): delivers it; as null or left out: sendBack.request of unit 5$/m,
    );
    expect(mine.text).toContain('Conclusion: The user is connected nowhere.');
    expect(mine.code).toBe(1);
  });

  test('an event that is in no log, and one that was refused', async () => {
    const gone = await run(['why', '--event', 'never-there']);
    expect(gone.text).toMatch(/fault +not in Redis: event never-there is in no log, and was not refused$/m);
    expect(gone.text).toContain('manage.py live_status');
    expect(gone.code).toBe(1);
    const client = await useResumer(app, await people.head());
    await client.run(REQUESTS).position();
    const bad = messages.request({ status: 'Lost' }, { id: 'why-refused' });
    await redis.client.publish('dms:request:unit:5', JSON.stringify(bad));
    await until(async () => (await redis.client.xlen('dms:deadletters')) > 0);
    const { text, code } = await run(['why', '--event', 'why-refused', '--json']);
    const { event } = JSON.parse(text);
    expect(event).toEqual([expect.objectContaining({ level: 'fault', about: 'refused' })]);
    expect(event[0].says).toMatch(
      /came on dms:request:unit:5 and was refused at .+ \(breaks the contract\): request.status/,
    );
    expect(code).toBe(1);
  });

  test('a token is judged as a server does, and appears nowhere', async () => {
    const id = await publishRequest('why-token');
    const good = await signToken({ user_id: 31 });
    const revoked = await signToken({ user_id: 32 });
    await redis.client.call('ACL', 'LOG', 'RESET');
    await redis.client.hset('dms:{session}:revocations', 'revoked:user:32', '9999999999 9999999999');
    const cases: [string, RegExp][] = [
      [good, /ok +token: verifies; of user 31, unit 5, Section Head; good until/],
      [revoked, /fault +revocation: the token is revoked/],
      [await signToken({ exp: 1 }), /fault +token: refused \(expired\)/],
      [`${good}x`, /fault +token: refused \(signature\).*\n.*JWT_SECRET/],
    ];
    for (const [token, expected] of cases) {
      const file = await useTokenFile(token);
      const { text, errors } = await run(['why', '--event', id, '--token-file', file]);
      expect(text).toMatch(expected);
      expect(text + errors).not.toContain(token.split('.')[1]);
    }
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
  });

  test('without Redis, and with a command line that means nothing', async () => {
    const away = await run(['why', '--event', 'x'], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(away.errors).toContain('Redis (REDIS_URL) is not reachable: connect ECONNREFUSED');
    expect(away.code).toBe(1);
    const refused = await run(['why', '--event', 'x'], {
      REDIS_URL: redis.url.replace('//', '//dms-live-server:wrong@'),
    });
    expect(refused.errors).toContain('user or password in REDIS_URL are not');
    for (const args of [[], ['--entity', 'request'], ['--event', 'x', '--kind', 'parcel']])
      expect((await run(['why', ...args])).code).toBe(2);
  });
});

describe('record', () => {
  const who = (...args: readonly string[]) => run(['record', 'who', ...args]);

  test('who was sent an event, by which operation, and what nobody knows', async () => {
    const client = await useResumer(app, await people.head());
    const early = client.run(REQUESTS);
    await early.position();
    const narrow = client.run('subscription { requestUpdated(requestId: "1") { id } }');
    await narrow.position();
    const admin = await useResumer(app, await people.admin());
    const all = admin.run(REQUESTS);
    await all.position();
    const id = await publishRequest('record-sent');
    expect([await early.next(), await all.next()]).toEqual([id, id]);
    const late = client.run(REQUESTS);
    await late.position();
    client.socket.close();
    admin.socket.close();
    await until(async () => {
      const text = await readFile(securityLog, 'utf8');
      return text.match(/"operation.ended"/g)?.length === text.match(/"operation.started"/g)?.length;
    });

    const { text, code } = await who('--event', id, securityLog);
    expect(text).toMatch(/ok +event: record-sent: request 4821, CREATED$/m);
    const sent = text.split('\n').filter((line) => line.includes('→ user'));
    expect(sent).toHaveLength(2);
    expect(sent.join('\n')).toMatch(
      /ok +record-sent → user 17: written to the socket of unit 5, Section Head, at 127\.0\.0\.1, by requestUpdated \(document [0-9a-f]{16}\), between .+; without request\.crate\.storage of unit 7; .*operation \S+, session \S+/,
    );
    expect(sent.join('\n')).toMatch(
      /ok +record-sent → user 1: written to the socket of unit 1, System Admin/,
    );
    expect(text).toMatch(
      /written to the socket of user (17|1), user (17|1), as far as .+ That is not: read by\.$/m,
    );
    expect(text).toMatch(/note +\S+: runs, was killed, or later files are missing/);
    expect([code, text.includes('warning')]).toEqual([0, false]);

    const ofUser = await who('--user', '17', securityLog);
    expect(ofUser.text).toContain('record-sent → user 17: written');
    expect(ofUser.text).not.toContain('→ user 1:');
    const ofStranger = await who('--entity', 'request:4821', '--user', '23', securityLog);
    expect(ofStranger.text).toContain('to the socket of nobody');
  });

  test('lines that are missing, altered or without an end are named', async () => {
    const lines = (await readFile(securityLog, 'utf8')).trimEnd().split('\n');
    const isEnd = (line: string) => line.includes('"operation.ended"') && line.includes('"user":"1"');
    const folder = await mkdtemp(join(tmpdir(), 'dms-live-record-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'log');
    await writeFile(
      file,
      ['nonsense', ...lines.filter((line) => !isEnd(line)), '{"channel":"security"}'].join('\n'),
    );
    const { text, code } = await who('--event', 'record-sent', file);
    expect(text).toMatch(/warning +lines: 1 cannot be read/);
    expect(text).toMatch(/warning +\S+: \d+ lines between its first and its last are not here/);
    expect(text).toMatch(/note +record-sent → user 1: perhaps written to the socket of/);
    expect(text).toMatch(/note +no end: operation \S+ of user 1:/);
    expect(code).toBe(1);
    expect((await who('--event', 'x')).code).toBe(2);
    expect((await run(['record', 'whom', file])).code).toBe(2);
    expect((await who('--event', 'x', join(folder, 'missing'))).errors).toContain('ENOENT');
  });
});
