/** The security log by itself: its page, its bounds, and a destination that takes nothing. */
import { execFileSync } from 'node:child_process';
import fs, {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SESSION_ENDS } from '../../src/auth/open-sessions.ts';
import { TOKEN_REFUSALS } from '../../src/auth/refused-token.ts';
import { readConfig } from '../../src/config/config.ts';
import { SUBSCRIPTION_ENDS } from '../../src/graphql/endings.ts';
import { ANSWER_ENDS, USER_LIMITS } from '../../src/graphql/operation-log.ts';
import { toDestination } from '../../src/record/destination.ts';
import { EVENTS, FIELDS, GAP_REASONS, LINE, type SecurityLine } from '../../src/record/schema.ts';
import { toAll } from '../../src/record/sinks.ts';
import { ANCHOR_MS, createLineStream, type StreamEntry } from '../../src/record/stream.ts';
import {
  createSecurityLog,
  type LineSink,
  STRANGERS_AT_ONCE,
  STRANGERS_PER_SECOND,
} from '../../src/record/writer.ts';
import { LIMITS } from '../../src/transport/admission/places.ts';
import { createLogLines } from '../support/log-lines.ts';
import { readSecurityLine } from '../support/security-lines.ts';
import { SECRET } from '../support/tokens.ts';

const PAGE = readFileSync(new URL('../../docs/security-log.md', import.meta.url), 'utf8');

/** For what happens beside the event loop. */
const PATIENT = { timeout: 20_000, interval: 5 };

const words = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

test('the page has the schema that the code has', () => {
  const describeField = ([name, { description }]: [string, { description?: string | undefined }]) =>
    `| \`${name}\` | ${description} |`;
  const events = Object.entries(EVENTS).map(([name, { says, isRefusal, has, may }]) => {
    const optional = may.length > 0 ? `; where known: ${words(may)}` : '';
    return `| \`${name}\` | ${says} | ${isRefusal ? 'yes' : 'no'} | ${words(has) || 'none'}${optional} |`;
  });
  for (const row of [
    ...Object.entries(LINE).map(describeField),
    ...Object.entries(FIELDS).map(describeField),
    ...events,
  ])
    expect(PAGE.split('\n')).toContain(row);
  expect(PAGE.match(/^\| `(?!SECURITY_)/gm)?.length).toBe(
    Object.keys(LINE).length + Object.keys(FIELDS).length + events.length,
  );
});

test('the page has every word that a reason or a limit may be', () => {
  for (const list of [
    SESSION_ENDS,
    [...TOKEN_REFUSALS, 'unavailable'],
    SUBSCRIPTION_ENDS,
    ANSWER_ENDS,
    [...LIMITS, ...USER_LIMITS],
    Object.keys(GAP_REASONS),
  ])
    expect(PAGE.replaceAll('\n', ' ')).toContain(words(list));
});

test('what strangers cause is bounded and the rest is counted; what others cause is not bounded', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines: SecurityLine[] = [];
  const write = (line: string): void => void lines.push(readSecurityLine(line));
  const log = createSecurityLog({ level: 'all', open: () => ({ write, close: async () => undefined }) });
  for (let count = 0; count < 1000; count += 1)
    log.note({ event: 'origin.refused', origin: 'https://evil.example', address: '10.0.0.1' });
  log.note({ event: 'session.refused', reason: 'signature', address: '10.0.0.2', transport: 'http' });
  log.note({ event: 'revocation.applied', action: 'revoked', subject: 'user', user: '1', sessions: 1 });
  expect(lines.filter(({ event }) => event === 'origin.refused').length).toBe(STRANGERS_AT_ONCE);
  expect(lines.slice(-2).map(({ event }) => event)).toEqual(['session.refused', 'revocation.applied']);
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toMatchObject({
    event: 'gap',
    reason: 'flood',
    of: 'origin.refused',
    count: 1000 - STRANGERS_AT_ONCE,
  });
  const before = lines.length;
  for (let count = 0; count < 100; count += 1)
    log.note({ event: 'origin.refused', origin: 'https://evil.example', address: '10.0.0.1' });
  expect(lines.length - before).toBe(STRANGERS_PER_SECOND);
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('with the level refusals nothing else is written', () => {
  const lines: SecurityLine[] = [];
  const write = (line: string): void => void lines.push(readSecurityLine(line));
  const log = createSecurityLog({
    level: 'refusals',
    open: () => ({ write, close: async () => undefined }),
  });
  const who = { session: 'a', user: '1', unit: null, role: null, jti: null, address: null };
  log.note({ event: 'session.opened', ...who, transport: 'http', expires: '2026-01-01T00:00:00.000Z' });
  log.note({ event: 'operation.refused', ...who, transport: 'http', code: 'FORBIDDEN' });
  expect(lines.map(({ event }) => event)).toEqual(['log.opened', 'operation.refused']);
});

test('a destination that takes nothing holds nobody up, and what it lost is counted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const holder = openSync(path, constants.O_RDWR); // so that nobody waits for a reader when it is opened
  const { log: ordinary } = createLogLines();
  const log = createSecurityLog({ level: 'all', open: toDestination(path, ordinary) });
  const total = 3000;
  for (let count = 0; count < total; count += 1)
    log.note({ event: 'setting.unsafe', setting: 'x', why: 'y'.repeat(2000) });
  const lines: SecurityLine[] = [];
  const reader = createReadStream(path);
  for await (const text of createInterface({ input: reader })) {
    lines.push(readSecurityLine(`${text}\n`));
    if (lines.at(-1)?.event === 'gap') break;
  }
  reader.destroy();
  const written = lines.filter(({ event }) => event === 'setting.unsafe').length;
  expect(written).toBeGreaterThan(1000);
  expect(lines.at(-1)).toMatchObject({ reason: 'destination', of: '*', count: total - written });
  await log.close();
  closeSync(holder);
});

test('each line is passed on with its number and its length', () => {
  const lines: (readonly [bytes: number, seq: number, line: string])[] = [];
  const write: LineSink['write'] = (line, seq, _hash, bytes) => void lines.push([bytes, seq, line]);
  const log = createSecurityLog({ level: 'all', open: () => ({ write, close: async () => undefined }) });
  for (const why of ['plain', 'é€😀', '\ud83d', '"\n'])
    log.note({ event: 'setting.unsafe', setting: 'x', why });
  expect(lines.length).toBe(5);
  for (const [bytes, seq, line] of lines) {
    expect(bytes).toBe(Buffer.byteLength(line));
    expect(seq).toBe(readSecurityLine(line).seq);
  }
});

test('lines of a moment are written together, in pieces of whole lines, and a stop waits for none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, pipe] = [join(folder, 'log'), join(folder, 'pipe')];
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDWR);
  onTestFinished(() => closeSync(reader));
  const written = vi.spyOn(fs, 'write');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    written.mockRestore();
  });
  const inPipe = Buffer.alloc(65_536);
  // Of 23 lines three fit into a piece of a pipe, and all of a moment into one of a file.
  for (const { path, most, bytes, text } of [
    { path: file, most: 3, bytes: 32_768, text: () => readFileSync(file, 'utf8') },
    { path: pipe, most: 11, bytes: 4096, text: () => inPipe.toString('utf8', 0, readSync(reader, inPipe)) },
  ]) {
    written.mockClear();
    const log = createSecurityLog({ level: 'all', open: toDestination(path, createLogLines().log) });
    const note = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at += 1) {
        log.note({ event: 'setting.unsafe', setting: 'x', why: 'é'.repeat(400) });
        await setImmediate();
      }
    };
    await note(20);
    vi.runAllTimers();
    await note(1);
    await log.close();
    const pieces = written.mock.calls.map(([, piece]) => String(piece));
    expect(pieces.length).toBeLessThanOrEqual(most);
    for (const piece of pieces) {
      expect(piece.endsWith('\n')).toBe(true);
      expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(bytes);
    }
    const events = text().trimEnd().split('\n');
    expect(events.map((line) => readSecurityLine(`${line}\n`).seq)).toEqual(
      Array.from({ length: 23 }, (_, index) => index + 1),
    );
  }
});

test('a file that cannot be opened is found at start, and lines of several starts are in one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { log: ordinary } = createLogLines();
  expect(() => toDestination(join(folder, 'missing', 'log'), ordinary)).toThrow('ENOENT');
  const path = join(folder, 'log');
  for (let start = 0; start < 2; start += 1)
    await createSecurityLog({ level: 'all', open: toDestination(path, ordinary) }).close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => readSecurityLine(`${line}\n`).event)).toEqual(
    Array(2).fill(['log.opened', 'log.closed']).flat(),
  );
});

test('after SIGHUP the file is opened again by its path, and the chain goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [path, older] = [join(folder, 'log'), join(folder, 'log.1')];
  const log = createSecurityLog({ level: 'all', open: toDestination(path, createLogLines().log) });
  const read = (file: string) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => readSecurityLine(`${line}\n`));
  await vi.waitUntil(() => readFileSync(path, 'utf8') !== '', PATIENT);
  renameSync(path, older);
  process.emit('SIGHUP');
  await vi.waitUntil(() => existsSync(path), PATIENT);
  log.note({ event: 'setting.unsafe', setting: 'x', why: 'y' });
  await log.close();
  expect(read(older).map(({ event }) => event)).toEqual(['log.opened']);
  const newer = read(path);
  expect(newer.map(({ event }) => event)).toEqual(['setting.unsafe', 'log.closed']);
  expect(newer[0]?.prev).toBe(read(older)[0]?.hash);
});

test('a pipe whose reader has gone is said once, and what waits is written when there is another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { log: ordinary, lines: said } = createLogLines();
  const log = createSecurityLog({ level: 'all', open: toDestination(path, ordinary) });
  const buffer = Buffer.alloc(65_536);
  const readSome = (from: number): string => {
    try {
      return buffer.toString('utf8', 0, readSync(from, buffer));
    } catch {
      return ''; // nothing is there yet
    }
  };
  await vi.waitUntil(() => readSome(first).includes('log.opened'), PATIENT);
  closeSync(first);
  const note = (why: string): void => log.note({ event: 'setting.unsafe', setting: 'x', why });
  note('first');
  await vi.waitUntil(() => said.some((line) => line.includes('EPIPE')), PATIENT);
  note('second');
  const second = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let text = '';
  await vi.waitUntil(() => {
    note('later'); // what failed is tried again with the next line
    text += readSome(second);
    return text.includes('later');
  }, PATIENT);
  expect(text.match(/first|second/g)).toEqual(['first', 'second']);
  expect(said.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  await log.close();
  closeSync(second);
});

test('a disk that is full keeps no process from stopping', async () => {
  const { log: ordinary, lines: said } = createLogLines();
  const log = createSecurityLog({ level: 'all', open: toDestination('/dev/full', ordinary) });
  await vi.waitUntil(() => said.some((line) => line.includes('ENOSPC')), PATIENT);
  await expect(log.close()).resolves.toBeUndefined();
});

test('the stream gets what the file gets, in batches; what Redis does not take waits, and then it is counted', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const written: SecurityLine[] = [];
  const batches: (readonly StreamEntry[])[] = [];
  let isAway = true;
  const { log: ordinary, lines: said } = createLogLines();
  const stream = createLineStream({ takesLines: true, log: ordinary });
  const write = (line: string): void => void written.push(readSecurityLine(line));
  const open = toAll([() => ({ write, close: async () => undefined }), stream.open]);
  const log = createSecurityLog({ level: 'all', open });
  stream.connect(async (entries) => {
    if (isAway) throw new Error('Connection is closed.');
    batches.push(entries);
  });
  const total = 3000;
  for (let count = 0; count < total; count += 1)
    log.note({ event: 'setting.unsafe', setting: 'x', why: 'y'.repeat(2000) });
  await vi.advanceTimersByTimeAsync(5000);
  expect(batches).toEqual([]);
  expect(said.filter((line) => line.includes('takes no lines'))).toHaveLength(1);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1200);
  const linesIn = (entries: readonly StreamEntry[]): readonly SecurityLine[] =>
    entries.filter(({ field }) => field === 'line').map(({ text }) => readSecurityLine(`${text}\n`));
  const added = linesIn(batches.flat());
  const unsafe = added.filter(({ event }) => event === 'setting.unsafe').length;
  expect(unsafe).toBeGreaterThan(1000);
  expect(added.slice(0, unsafe)).toEqual(written.slice(0, unsafe));
  expect(written.at(-1)).toMatchObject({ event: 'gap', reason: 'stream', count: total - unsafe });
  expect(added.at(-1)).toEqual(written.at(-1));
  expect(batches.length).toBeLessThan(10);

  await vi.advanceTimersByTimeAsync(ANCHOR_MS);
  await log.close();
  const anchors = batches.flat().filter(({ field }) => field === 'anchor');
  const anchored = anchors.map(({ text }) => JSON.parse(text));
  expect(anchored.map(({ seq }) => seq)).toEqual([1, total + 2, total + 3]);
  for (const { process, seq, hash } of anchored)
    expect(written[seq - 1]).toMatchObject({ process, seq, hash });
  expect(linesIn(batches.at(-1) ?? []).at(-1)?.event).toBe('log.closed');
});

test('settings that weaken safety are found, without their values', () => {
  const unsafeIn = (settings: Record<string, string>): readonly string[] =>
    readConfig({ JWT_SECRET: SECRET, ...settings }, { needsRedis: false }).unsafe.map(
      ({ setting }) => setting,
    );
  expect(unsafeIn({})).toEqual([]);
  expect(unsafeIn({ REDIS_URL: 'redis://localhost' })).toEqual([]);
  expect(unsafeIn({ REDIS_URL: 'rediss://redis.example' })).toEqual([]);
  expect(unsafeIn({ REDIS_URL: 'redis://redis.example' })).toEqual(['REDIS_URL']);
  expect(unsafeIn({ JWT_SECRET: 'short', ALLOW_WEAK_SECRET: 'true' })).toEqual(['ALLOW_WEAK_SECRET']);
  expect(unsafeIn({ HOST: '0.0.0.0' })).toEqual(['INTROSPECTION']);
  expect(unsafeIn({ HOST: '0.0.0.0', NODE_ENV: 'production' })).toEqual([]);
  expect(unsafeIn({ CORS_ORIGINS: '*', TRUSTED_PROXIES: '0.0.0.0/0' })).toEqual([
    'CORS_ORIGINS',
    'TRUSTED_PROXIES',
  ]);
  expect(unsafeIn({ PROFILE_URL: 'http://dms.example/me' })).toEqual(['PROFILE_URL']);
  expect(unsafeIn({ REVOCATION_CHECK_SECONDS: '3600', SECURITY_LOG_LEVEL: 'refusals' })).toEqual([
    'REVOCATION_CHECK_SECONDS',
    'SECURITY_LOG_LEVEL',
  ]);
});
