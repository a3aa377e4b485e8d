/** `dms-live record verify`: each way to alter a record is found, and named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createChain, splitLine, withHash, withPrevious } from '../../src/record/chain.ts';
import type { SecurityLine } from '../../src/record/schema.ts';
import type { OpenSecurityLog, OpenSink } from '../../src/record/writer.ts';

const KEY = 'k'.repeat(32);

interface Recording {
  readonly log: OpenSecurityLog;
  readonly lines: string[];
  /** Pretends that the destination has lost lines that it was given. */
  lose(count: number): void;
}

/** A process of its own, by the modules: each load of them has another name. */
async function startProcess(key?: string): Promise<Recording> {
  vi.resetModules();
  const { createSecurityLog } = await import('../../src/record/writer.ts');
  const lines: string[] = [];
  let onLost: Parameters<OpenSink>[0] = () => undefined;
  const open: OpenSink = (given) => {
    onLost = given;
    return { write: (line) => void lines.push(line.trimEnd()), close: async () => undefined };
  };
  const log = createSecurityLog({ level: 'all', open, key });
  return {
    log,
    lines,
    lose(count) {
      lines.length -= count;
      onLost(count);
    },
  };
}

const note = (log: OpenSecurityLog, count: number): void => {
  for (let n = 0; n < count; n += 1) log.note({ event: 'setting.unsafe', setting: `S${n}`, why: 'ä\u2028"' });
};

async function record(count: number, key?: string): Promise<string[]> {
  const { log, lines } = await startProcess(key);
  note(log, count - 2);
  await log.close();
  return lines;
}

const parse = (line: string): SecurityLine => JSON.parse(line);
/** A line with a hash that somebody has computed again. */
function forge(line: string, previous = ''): string {
  const body = withPrevious(line.replace(/,"prev.*/, ''), previous);
  return withHash(body, createChain(undefined).hash(body));
}
const anchorOf = (line = ''): string => {
  const { process, seq, hash, at } = parse(line);
  return JSON.stringify({ process, seq, hash, at });
};

interface Files {
  readonly files: readonly (readonly string[])[];
  readonly anchors?: readonly string[];
  readonly key?: string;
}

async function verify({ files, anchors, key }: Files) {
  const folder = mkdtempSync(join(tmpdir(), 'record-verify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const paths = files.map((lines, index) => write(`log.${index}`, lines));
  const options = anchors === undefined ? [] : ['--anchors', write('anchors', anchors)];
  const out: string[] = [];
  const { runCommandLine } = await import('../../src/cli/command-line.ts'); // of the same load as what it imports later
  const code = await runCommandLine(['record', 'verify', ...options, ...paths], {
    environment: key === undefined ? {} : { SECURITY_LOG_KEY: key },
    out: (line) => void out.push(line),
    error: (line) => void out.push(line),
  });
  return { code, text: out.join('\n').replaceAll(`${folder}/`, '') };
}

/** The lines of one process: it began, wrote eight lines, and stopped. */
let lines: string[];
beforeAll(async () => {
  lines = await record(10);
});

const without = (...seqs: readonly number[]): string[] =>
  lines.filter((line) => !seqs.includes(parse(line).seq));

test('lines as they were written are whole', async () => {
  const { code, text } = await verify({ files: [lines], anchors: [anchorOf(lines[4]), anchorOf(lines[9])] });
  expect(text).toContain('10 lines of 1 process: as they were written, up to the last anchor');
  expect(code).toBe(0);
  const alone = await verify({ files: [['something else', ...lines.slice(0, 5), '{}', ...lines.slice(5)]] });
  expect(alone.text).toContain('Without anchors nobody sees');
  expect(alone.code).toBe(0);
});

test('a line’s hash is of its bytes, and can be computed by hand', () => {
  const [first = '', second = ''] = lines;
  expect(splitLine(second)).toEqual({
    body: second.slice(0, second.indexOf(',"hash":')),
    hash: createChain(undefined).hash(second.slice(0, second.indexOf(',"hash":'))),
  });
  expect([parse(first).prev, parse(second).prev]).toEqual(['0'.repeat(64), parse(first).hash]);
});

describe('found without anchors', () => {
  const edited = (): string[] => lines.map((line) => line.replace('"S3"', '"S4"'));
  const swapped = (): string[] => lines.toSpliced(4, 2, lines[5] ?? '', lines[4] ?? '');
  const repaired = (): string[] => {
    const { body = '' } = splitLine(lines[4] ?? '') ?? {};
    const other = body.replace('"S3"', '"S9"');
    return lines.with(4, withHash(other, createChain(undefined).hash(other)));
  };
  const renumbered = (): string[] => lines.map((line) => line.replace('"seq":5,', '"seq":50,'));
  test.each<[string, () => string[], RegExp[]]>([
    ['an altered line', edited, [/fault +log.0:5: \S+, line 5: altered: its hash is not of what it says/]],
    [
      'an altered line whose hash was computed again',
      repaired,
      [/fault +log.0:6: \S+, line 6: it does not follow the line before: one of them was replaced/],
    ],
    ['a removed line', () => without(5), [/fault +\S+: its lines 5 are not here: removed/]],
    ['several removed lines', () => without(3, 6, 7), [/its lines 3, 6 to 7 are not here: removed/]],
    ['two swapped lines', swapped, [/log.0:6: \S+, line 5: moved: it stands after line 6/]],
    [
      'a line that is there twice',
      () => lines.toSpliced(7, 0, lines[3] ?? ''),
      [/log.0:8: \S+, line 4: inserted: there is another line of this number/],
    ],
    ['another number', renumbered, [/log.0:5: \S+, line 50: altered/, /its lines 5, 11 to 49 are not here/]],
    ['a missing beginning', () => lines.slice(3), [/warning +\S+: its lines 1 to 3 are not here: cut off/]],
    [
      'a line that is cut off',
      () => lines.with(9, (lines[9] ?? '').slice(0, 90)),
      [/log.0:10: it cannot be read: cut off/, /note +\S+: no end: after line 9/],
    ],
    [
      'a line without a hash',
      () => lines.with(4, (lines[4] ?? '').replace(/,"prev.*/, '}')),
      [/1 of its lines have no hash/, /line 6: it does not follow/],
    ],
    [
      'a line after the end',
      () => [...lines, forge((lines[4] ?? '').replace('"seq":5', '"seq":11'), parse(lines[9] ?? '').hash)],
      [/it has lines after its end, line 10/],
    ],
    [
      'a line before the first',
      () => [forge((lines[4] ?? '').replace('"seq":5', '"seq":0'), '0'.repeat(64)), ...lines],
      [/log.0:1: it cannot be read/],
    ],
    [
      'a line that only other programs take for one',
      () => lines.toSpliced(5, 0, (lines[4] ?? '').replace('"channel":', '"\\u0063hannel" : ')),
      [/log.0:6: it cannot be read/],
    ],
    [
      'another first line',
      () => lines.slice(1).map((line) => line.replace('"seq":2,', '"seq":1,')),
      [/line 1: altered: only line 1 opens a log/],
    ],
  ])('%s', async (_what, alter, expected) => {
    const { code, text } = await verify({ files: [alter()] });
    for (const says of expected) expect(text).toMatch(says);
    expect(text).toMatch(/something is missing, or was altered\.$/);
    expect(code).toBe(1);
  });
});

describe('found by anchors alone', () => {
  test('an end that was cut off', async () => {
    const cut = lines.slice(0, 6);
    const alone = await verify({ files: [cut] });
    expect(alone.text).toMatch(/note +\S+: no end: after line 6 it runs, was killed, or was cut off/);
    expect(alone.code).toBe(0);
    const { code, text } = await verify({ files: [cut], anchors: [anchorOf(lines[0]), anchorOf(lines[8])] });
    expect(text).toMatch(/fault +\S+: its lines 7 to 9 are not here: cut off; they were written at \d{4}-/);
    expect(code).toBe(1);
  });

  test('a chain that somebody has computed again', async () => {
    const chain = createChain(undefined);
    let prev = '0'.repeat(64);
    const forged = lines.map((line) => {
      const fields = line.slice(0, line.indexOf(',"prev"')).replace('"S3"', '"S9"');
      const body = withPrevious(fields, prev);
      prev = chain.hash(body);
      return withHash(body, prev);
    });
    expect((await verify({ files: [forged] })).code).toBe(0);
    const { code, text } = await verify({
      files: [forged],
      anchors: [anchorOf(lines[1]), anchorOf(lines[7])],
    });
    expect(text).toMatch(/fault +log.0:8: \S+, line 8: altered: another line was anchored at/);
    expect(text).toMatch(/note +\S+: its lines 9 to 10 are newer than its last anchor/);
    expect(code).toBe(1);
  });

  test('a process of which no line is left, and one that nobody anchored', async () => {
    const other = await record(3);
    const { code, text } = await verify({ files: [other], anchors: [anchorOf(lines[9])] });
    expect(text).toMatch(/fault +\S+: none of its lines is here; it had written 10 of them at/);
    expect(text).toMatch(/warning +\S+: nothing of it was anchored/);
    expect(code).toBe(1);
  });
});

test('lines of several processes in one file, and of one in several files, in any order', async () => {
  const other = await record(10);
  const mixed = lines.flatMap((line, index) => [line, other[index] ?? '']);
  expect((await verify({ files: [mixed] })).code).toBe(0);
  const rotated = [mixed.slice(13), mixed.slice(0, 7), mixed.slice(7, 13)];
  expect((await verify({ files: rotated })).code).toBe(0);
  const replaced = rotated.with(1, [...(rotated[1] ?? []).slice(0, -1), lines[4] ?? '']);
  expect((await verify({ files: replaced })).text).toMatch(/its lines 4 are not here|inserted/);
  const { body = '' } = splitLine(lines[4] ?? '') ?? {};
  const spaced = body.replace('"seq"', ' "seq"');
  const other5 = withHash(spaced, createChain(undefined).hash(spaced));
  const replacedLast = await verify({ files: [lines.slice(5), lines.slice(0, 5).with(4, other5)] });
  expect(replacedLast.text).toMatch(/log.0:1: \S+, line 6: it does not follow line 5: one of them/);
  const lost = await verify({ files: rotated.slice(0, 2) });
  expect(lost.text.match(/its lines \d to \d are not here: removed/g)).toHaveLength(2);
  expect(lost.code).toBe(1);
});

test('a restart begins a chain of its own, and a killed process leaves one without an end', async () => {
  const { log, lines: killed } = await startProcess();
  note(log, 3);
  const restarted = await record(4);
  const { code, text } = await verify({ files: [[...killed, ...restarted]] });
  expect(text.match(/no end: after line 4/g)).toHaveLength(1);
  expect(code).toBe(0);
});

test('what the log itself says that it lost is no alteration, and hides none', async () => {
  const { log, lines: own, lose } = await startProcess();
  note(log, 6);
  lose(2);
  note(log, 2);
  await log.close();
  const { code, text } = await verify({ files: [own] });
  expect(text).toMatch(
    /warning +\S+: its lines 6 to 7 are not here; it says itself that it could not write 2/,
  );
  expect([code, text.includes('fault')]).toEqual([1, false]);
  const more = await verify({ files: [own.toSpliced(2, 1)] });
  expect(more.text).toMatch(/fault +\S+: its lines 3, 6 to 7 are not here: removed, or replaced .+; it says/);
});

test('with a key nobody else can compute the chain', async () => {
  const keyed = await record(5, KEY);
  expect((await verify({ files: [keyed], key: KEY })).code).toBe(0);
  const noKey = await verify({ files: [keyed] });
  expect(noKey.text).toMatch(/warning +\S+: its lines are chained with a key, and none is set here/);
  expect(noKey.code).toBe(1);
  const other = await verify({ files: [keyed], key: `${KEY}x` });
  expect(other.text.match(/altered: its hash is not of what it says/g)).toHaveLength(5);
  const forged = await verify({ files: [lines], key: KEY });
  expect(forged.text).toMatch(/warning +\S+: its lines are chained without a key, and one is set here/);
  expect(forged.code).toBe(1);
});

test('many findings are counted, and a file of something else is said to be one', async () => {
  const { text } = await verify({ files: [(await record(300)).filter((_line, index) => index % 2 === 0)] });
  expect(text.length).toBeLessThan(5000);
  const { code, text: wrong } = await verify({ files: [lines], anchors: ['{"process":"x"}'] });
  expect(wrong).toContain('anchors has a line that is no anchor');
  expect(code).toBe(2);
});
