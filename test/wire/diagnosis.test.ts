/** `dms-live why`, `watch` and `doctor` against a real Redis and a real server: one of each for all tests. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { HARMLESS_CALLS } from '../../src/cli/doctor/rights.ts';
import { openLookout, readLookoutSettings } from '../../src/cli/lookout.ts';
import { watchEvents } from '../../src/cli/watch/watch-events.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/log.ts';
import { connectPublisher, type Publisher } from '../../src/publisher.ts';
import { documentedAccounts } from '../support/acl.ts';
import { entities, messages } from '../support/events.ts';
import { useIssuer } from '../support/issuer.ts';
import { untilReady } from '../support/readiness.ts';
import { startRedis, type TestRedis, until } from '../support/redis.ts';
import { useResumer } from '../support/resuming.ts';
import { type Misbehaviour, startReverseProxy } from '../support/reverse-proxy.ts';
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
    SECURITY_STREAM: 'all',
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

function start(args: readonly string[], changes: Record<string, string> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const ended = runCommandLine(args, {
    environment: { ...settings, ...changes },
    out: (line) => void lines.push(line),
    error: (line) => void errors.push(line),
  });
  return { ended, lines, errors };
}

async function run(args: readonly string[], changes: Record<string, string> = {}) {
  const { ended, lines, errors } = start(args, changes);
  const code = await ended;
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
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

async function useReverseProxy(misbehaviour: Misbehaviour): Promise<string> {
  const proxy = await startReverseProxy(app.url, misbehaviour);
  onTestFinished(proxy.close);
  return `${proxy.url}/graphql`;
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
    expect(text).toMatch(/ok +servers: 1 of 1 process answered: \S+:\d+$/m);
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
    const old = await signToken({ user_id: 33, jti: 'of-an-earlier-version' });
    await redis.client.set('dms:session:revoked:jti:of-an-earlier-version', '1', 'EX', 60);
    const revoked = await signToken({ user_id: 32 });
    await redis.client.call('ACL', 'LOG', 'RESET');
    await redis.client.hset('dms:{session}:revocations', 'revoked:user:32', '9999999999 9999999999');
    const cases: [string, RegExp][] = [
      [good, /ok +token: verifies; of user 31, unit 5, Section Head; good until/],
      [revoked, /fault +revocation: the token is revoked/],
      [old, /fault +revocation: the token is revoked/],
      [await signToken({ exp: 1 }), /fault +token: refused \(expired\)/],
      [`${good}x`, /fault +token: refused \(signature\).*\n.*JWT_SECRET/],
    ];
    for (const [token, expected] of cases) {
      const file = await useTokenFile(token);
      const { text, errors } = await run(['why', '--event', id, '--token-file', file]);
      expect(text).toMatch(expected);
      expect(text + errors).not.toContain(token.split('.')[1]);
    }
    expect(await redis.client.hexists('dms:{session}:revocations', 'revoked:jti:of-an-earlier-version')).toBe(
      0,
    );
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
    const file = await useTokenFile(good);
    const another = await run(['why', '--user', '17', '--token-file', file]);
    expect(another.errors).toMatch(/^--token-file: this token is of user 31, and --user names 17\.$/m);
    expect(another.code).toBe(2);
    expect((await run(['why', '--user', '31', '--token-file', file])).text).toContain('of user 31');
  });

  test('without Redis, and with a command line that means nothing', async () => {
    const away = await run(['why', '--event', 'x'], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(away.errors).toContain('Redis (REDIS_URL) is not reachable: connect ECONNREFUSED');
    expect(away.code).toBe(1);
    const refused = await run(['why', '--event', 'x'], {
      REDIS_URL: redis.url.replace('//', '//dms-live-server:wrong@'),
    });
    expect(refused.errors).toContain('user or password in REDIS_URL are not');
    for (const args of [
      [],
      ['--entity', 'request'],
      ['--event', 'x', '--kind', 'parcel'],
      ['--user', '17', '--kind', 'request'],
      ['--event', 'x', '--token-file', '/nowhere', '--unit', '5'],
    ])
      expect((await run(['why', ...args])).code).toBe(2);
  });
});

describe('watch', () => {
  test('shows what the log has, then what comes: events, refused messages and revocations', async () => {
    const publish = (id: string) =>
      publisher.publish({ kind: 'storage', unitId: '9' }, messages.storage({ unitId: 9 }, { id }) as never);
    await publish('watch-before');
    const watching = start([
      'watch',
      '--unit',
      '9',
      '--sessions',
      '--since',
      '10m',
      '--count',
      '6',
      '--json',
    ]);
    await until(() => watching.errors.includes('Watching. Ctrl-C ends it.'));
    await publish('watch-after');
    await redis.client.publish(
      'dms:crate:unit:9',
      JSON.stringify(messages.crate({ unitId: 9 }, { id: 'bare' })),
    );
    await redis.client.publish('dms:crate:unit:9', 'no JSON');
    await redis.client.publish(
      'dms:crate:unit:9',
      `@1-1 - 0123456789abcdef\n${JSON.stringify(messages.crate({ unitId: 9 }))}`,
    );
    await publish('watch-before'); // it is in the log already
    await publish('watch-last');
    await redis.client.publish('dms:session', '{"action":"REVOKED","userId":99}');
    expect(await watching.ended).toBe(0);
    const [before, after, bare, refused, foreign, last] = watching.lines.map((line) => JSON.parse(line));
    expect(before).toMatchObject({
      topic: 'dms:storage:unit:9',
      kind: 'storage',
      eventId: 'watch-before',
      action: 'UPDATED',
      entity: ['70'],
      occurredAt: '2026-11-22T09:30:00Z',
      isPast: true,
    });
    expect(after).toMatchObject({ eventId: 'watch-after', isPast: false });
    expect(after.appendedAt).toBeGreaterThanOrEqual(before.appendedAt);
    expect(after.position).toMatch(/^\d+-2$/);
    expect(bare).toMatchObject({ eventId: 'bare' });
    expect(bare).not.toHaveProperty('position');
    expect(refused).toMatchObject({ topic: 'dms:crate:unit:9', refused: 'not JSON: send one JSON object' });
    expect(foreign).toMatchObject({ refused: 'another installation publishes under this prefix' });
    expect(last).toMatchObject({ eventId: 'watch-last' });
    expect(watching.lines.join()).not.toContain('R1');
  });

  test('lines for people, with the content only if it is asked for', async () => {
    const options = ['watch', '--user', '45', '--kind', 'sendback', '--sessions', '--count', '2'];
    const plain = start(options);
    const whole = start([...options, '--bodies']);
    for (const { errors } of [plain, whole]) await until(() => errors.length > 0);
    await publisher.publish(
      { kind: 'sendback', userId: '45' },
      messages.sendback({}, { id: 'to-45' }) as never,
    );
    await redis.client.publish('dms:session', '{"action":"CHANGED","userId":45}');
    expect(await plain.ended).toBe(0);
    expect(await whole.ended).toBe(0);
    expect(plain.lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} {2}dms:sendback:user:45 {2}CREATED {2}sendback 12 {2}to-45 {2}happened 2026-11-22T09:30:00Z \(\+\d+ h\) {2}@\d+-1$/,
      ),
      '(not logged)  dms:session  CHANGED  user 45',
    ]);
    expect(whole.lines[0]).toContain('Wrong shelf');
  });

  test('shows an event once that comes while it begins', async () => {
    const lookout = await openLookout(readLookoutSettings(settings));
    onTestFinished(lookout.close);
    let come = (): void => undefined;
    const hasCome = new Promise<void>((resolve) => {
      come = resolve;
    });
    const subscribe: typeof lookout.subscribe = (name, onMessage, onState) => {
      const isSession = name.channel === lookout.names.session;
      const receive: typeof onMessage = (message) => {
        onMessage(message);
        setImmediate(come);
      };
      const subscription = lookout.subscribe(name, receive, onState);
      if (!isSession) void subscription.ready.then(() => publishRequest('watch-early'));
      return isSession ? { ...subscription, ready: hasCome } : subscription;
    };
    const seen: unknown[] = [];
    const stop = await watchEvents(
      { ...lookout, subscribe },
      {
        unitId: '5',
        userId: undefined,
        kinds: ['request'],
        withSessions: true,
        withBodies: false,
        sinceMs: 3_600_000,
        onEvent: ({ eventId }) => seen.push(eventId),
        onLeftOut: () => undefined,
        onRefused: () => undefined,
        onInterrupted: () => undefined,
        onRestored: () => undefined,
        onReady: () => undefined,
      },
    );
    await publishRequest('watch-next');
    await until(() => seen.includes('watch-next'));
    stop();
    expect(seen.filter((id) => id === 'watch-early')).toHaveLength(1);
  });

  test('ends after a time, and says which channel Redis refuses', async () => {
    const { code, errors } = await run(['watch', '--unit', '9', '--kind', 'crate', '--for', '1ms'], {
      REDIS_URL: redis.url.replace('//', '//dms-live-publisher:another-password@'),
    });
    expect(errors).toContain('Redis refuses dms:crate:unit:9: see “Accounts” in docs/redis.md');
    expect(code).toBe(0);
    for (const args of [
      ['--since', '5'],
      ['--count', '0'],
      ['--kind', 'parcel'],
      ['--unit', 'a:b'],
      ['--for', '501h'],
      ['--user', '17', '--kind', 'crate'],
    ])
      expect((await run(['watch', ...args])).code).toBe(2);
  });
});

describe('doctor', () => {
  test('an installation in good order, with a proxy that passes everything', async () => {
    await publishRequest('doctor-good');
    const proxy = await useReverseProxy({});
    const file = await useTokenFile(await signToken({ user_id: 77 }));
    const { code, text } = await run(['doctor', '--url', proxy, '--token-file', file, '--idle', '1ms']);
    for (const expected of [
      /ok +version: \d/,
      /ok +eviction: noeviction/,
      /ok +clock: Redis’ clock differs from ours by -?\d+ ms/,
      /ok +Pub\/Sub: a message to ourselves arrived/,
      /ok +commands: all \d+ that a server uses are allowed/,
      /ok +channels: all \d+ that were tried are allowed/,
      /ok +key: a shared secret; accepts HS256/,
      /ok +token: verifies; of user 77/,
      /ok +processes: \S+:\d+/,
      /ok +settings: the server’s are those that were read here/,
      /ok +prefix: dms: events of .*request.* were published under it/,
      /ok +HTTP: the API answers/,
      /ok +WebSocket: the upgrade and its subprotocol pass/,
      /ok +sign-in: the token is accepted/,
      /ok +address: the server sees this client at 127\.0\.0\.1/,
      /ok +origin: pages of http:\S+ are let in/,
      /ok +origin: pages of other sites are refused/,
      /ok +event stream: arrives as it is sent/,
      /ok +idle event stream: still open/,
      /warning +metrics: anybody can read \/metrics/,
    ])
      expect(text).toMatch(expected);
    expect(text).not.toMatch(/^ *fault /m);
    expect(code).toBe(0);
  });

  test.each<[string, Misbehaviour, RegExp]>([
    [
      'strips the upgrade',
      { upgrades: 'strips' },
      /fault +WebSocket: the upgrade is answered by an ordinary response/,
    ],
    ['loses the subprotocol', { upgrades: 'loses protocol' }, /fault +WebSocket: the subprotocol is lost/],
    ['holds back event streams', { buffers: true }, /fault +event stream: .*\n.*proxy_buffering off/],
    [
      'compresses them',
      { encoding: 'gzip' },
      /warning +compression: the proxy compresses event streams \(gzip\)/,
    ],
    [
      'ends idle connections',
      { idleMs: 1000 }, // a busy machine may need a while to sign in
      /fault +idle WebSocket: ended after [\s\S]*fault +idle event stream: ended after/,
    ],
    [
      'drops the origin',
      { headers: { origin: undefined } },
      /fault +origin: pages of other sites are let in/,
    ],
    [
      'changes Host',
      { headers: { host: 'internal' } },
      /fault +origin: pages of http:\S+ are refused\n.*PUBLIC_ORIGIN/,
    ],
  ])('a proxy that %s', async (_what, misbehaviour, expected) => {
    const proxy = await useReverseProxy(misbehaviour);
    const file = await useTokenFile(await people.head());
    const idle = misbehaviour.idleMs === undefined ? '0s' : '5s';
    const { code, text } = await run(['doctor', '--url', proxy, '--token-file', file, '--idle', idle]);
    expect(text).toMatch(expected);
    expect(code).toBe(misbehaviour.encoding === undefined ? 1 : 0);
  });

  test('an installation whose events have all grown too old', async () => {
    const log = 'fresh:{request}:units';
    await redis.client.xadd(log, '1-1', 'field', 'value');
    await redis.client.xtrim(log, 'MAXLEN', 0);
    onTestFinished(async () => void (await redis.client.del(log)));
    const { text } = await run(['doctor'], { REDIS_URL: redis.url, TOPIC_PREFIX: 'fresh' });
    expect(text).toMatch(/note +events: none is in the logs now/);
  });

  test('Redis: rights that are missing, eviction, other settings, another prefix', async () => {
    await publishRequest('doctor-prefix');
    const account = ['on', '>limited', '~*', '&dms:session', '&dms:probe:*', '+@all', '-xdel', '-zadd'];
    await redis.client.call('ACL', 'SETUSER', 'limited', 'resetchannels', ...account);
    await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { code, text } = await run(['doctor', '--json'], {
      REDIS_URL: redis.url.replace('//', '//limited:limited@'),
      HISTORY_SECONDS: '60',
    });
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    const { groups, faults } = JSON.parse(text);
    const says = groups.flatMap((group: { findings: { level: string; about: string; says: string }[] }) =>
      group.findings.map((finding) => `${finding.level} ${finding.about}: ${finding.says}`),
    );
    expect(says).toContain('fault commands: the account may not ZADD, XDEL');
    expect(says.join()).toMatch(
      /fault channels: the account may not subscribe to dms:request:unit:1, dms:request:unit:\*/,
    );
    expect(says.join()).toMatch(/warning eviction: Redis’ maxmemory-policy is allkeys-lru/);
    expect(says).toContain('warning settings: HISTORY_SECONDS is 60 here, and 86400 in a server that runs');
    expect(says.join()).toMatch(
      /warning HISTORY_SECONDS: the last publisher on dms:request:unit:5 has 86400, and here/,
    );
    expect(faults).toBe(2);
    expect(code).toBe(1);
    expect(await redis.client.keys('dms:probe:*')).toEqual([]); // nothing was written

    await redis.client.set('docs:{request}:generation', 'of a server that runs');
    const other = await run(['doctor'], { TOPIC_PREFIX: 'docs', REDIS_URL: redis.url });
    expect(other.text).toMatch(
      /warning +prefix: no event was ever published under the prefix docs, and some under dms$/m,
    );
    expect(other.text).toMatch(/warning +processes: none answers/);
  });

  test('without a right, a command says so, and doctor goes on', async () => {
    await redis.client.call('ACL', 'SETUSER', 'poor', 'on', '>pw', '~*', '&*', '+@all', '-time', '-publish');
    const poor = { REDIS_URL: redis.url.replace('//', '//poor:pw@') };
    const { text, code } = await run(['doctor'], poor);
    expect(text).toMatch(/fault +not examined: Redis refuses a command: .*\(NOPERM .*time/);
    expect(text).toMatch(/fault +commands: the account may not TIME/);
    expect(text).toMatch(/Servers\n +fault +not examined: .*NOPERM.*publish/);
    expect(code).toBe(1);
    for (const args of [
      ['why', '--user', '17'],
      ['watch', '--since', '1m'],
    ]) {
      const { code, errors } = await run(args, poor);
      expect(errors).toContain('Redis refuses a command: its account lacks a right');
      expect(code).toBe(1);
    }
    await redis.client.call('ACL', 'LOG', 'RESET');
  });

  test('wrong settings, keys that cannot be fetched, and a Redis and an API that are not there', async () => {
    const schema = await useTokenFile('type Query {');
    const wrong = await run(['doctor'], { PORT: 'x', PROT: '1', SCHEMA: schema });
    expect(wrong.text).toMatch(/fault +settings: PORT must be a whole number/);
    expect(wrong.text).toMatch(/fault +schema: Syntax Error[^→]*\n {10}1 \| type Query \{/);
    expect(wrong.text).toMatch(/\n2 faults, 1 warning$/);
    expect(wrong.code).toBe(1);
    const { text, code } = await run(['doctor', '--url', 'http://127.0.0.1:1/graphql'], {
      REDIS_URL: 'redis://127.0.0.1:1',
      JWT_SECRET: '',
      JWT_JWKS_URL: 'http://127.0.0.1:1/keys?secret=1',
    });
    expect(text).toMatch(/fault +reachable: Redis \(REDIS_URL\) is not reachable/);
    expect(text).toMatch(/fault +issuer’s keys: .*127.0.0.1:1\/keys/);
    expect(text).toMatch(/fault +HTTP: connect ECONNREFUSED/);
    expect(text).not.toContain('secret=1');
    expect(code).toBe(1);
    const issuer = await useIssuer();
    await issuer.begin('1');
    const good = await run(['doctor'], { JWT_SECRET: '', JWT_JWKS_URL: `${issuer.url}?secret=1` });
    expect(good.text).toMatch(/ok +issuer’s keys: can be fetched from http:\S+\/keys; accepts RS256/);
    for (const args of [
      ['--url', 'dms.example'],
      ['--idle', '5'],
      ['--token-file', '/nowhere'],
    ])
      expect((await run(['doctor', ...args])).code).toBe(2);
  });

  test('every command of the documented account is tried', () => {
    const [server = []] = documentedAccounts();
    const documented = server.flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : []));
    const connecting = [
      'auth',
      'select',
      'subscribe',
      'psubscribe',
      'unsubscribe',
      'punsubscribe',
      'publish',
    ];
    expect([...Object.keys(HARMLESS_CALLS), ...connecting].toSorted()).toEqual(documented.toSorted());
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

  test('the stream in Redis has the lines of the file, and anchors of them', async () => {
    const text = await readFile(securityLog, 'utf8');
    const inFile = text.trimEnd().split('\n');
    const read = async (field: string): Promise<string[]> => {
      const entries = await redis.client.xrange('dms:security', '-', '+');
      return entries.filter(([, [name]]) => name === field).map(([, [, value]]) => value ?? '');
    };
    await until(async () => (await read('line')).length >= inFile.length);
    expect((await read('line')).slice(0, inFile.length)).toEqual(inFile);
    const anchors = join(dirname(securityLog), 'anchors.jsonl');
    await writeFile(anchors, (await read('anchor')).join('\n'));
    const verified = await run(['record', 'verify', '--anchors', anchors, securityLog]);
    expect(verified.text).toMatch(/: as they were written, up to the last anchor of each process\.$/m);
    expect(verified.code).toBe(0);
    expect((await run(['record', 'verify', '--user', '17', securityLog])).code).toBe(2);
  });

  test('lines that are missing, altered or without an end are named', async () => {
    const lines = (await readFile(securityLog, 'utf8')).trimEnd().split('\n').toSpliced(1, 1);
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
    expect(text).toMatch(/warning +\S+: not here: [12] lines? between its first and its last$/m);
    expect(text).toMatch(/note +record-sent → user 1: perhaps written to the socket of/);
    expect(text).toMatch(/note +no end: operation \S+ of user 1:/);
    expect(code).toBe(1);
    await writeFile(file, lines.filter((line) => !line.includes('"operation.started"')).join('\n'));
    expect((await who('--event', 'record-sent', file)).text).toMatch(
      /note +record-sent → user 17: perhaps written .+; its arguments, whose line is not here, may have left it out;/,
    );
    expect((await who('--event', 'x')).code).toBe(2);
    expect((await run(['record', 'whom', file])).code).toBe(2);
    expect((await who('--event', 'x', join(folder, 'missing'))).errors).toContain('ENOENT');
  });
});
