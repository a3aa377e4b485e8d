/** Standard output that is a pipe: lines are written at once where there is room, and wait elsewhere; none overtakes another. */
import { execFileSync } from 'node:child_process';
import fs, { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { toDestination } from '../../src/record/destination.ts';
import { openPipe, pieceBytes } from '../../src/record/pieces.ts';
import { createSecurityLog } from '../../src/record/writer.ts';
import { createLogLines } from '../support/log-lines.ts';
import { readSecurityLine } from '../support/security-lines.ts';

/** For what happens beside the event loop. */
const PATIENT = { timeout: 20_000, interval: 1 };

/** A pipe, and what can be read of it now. */
function usePipe() {
  const folder = mkdtempSync(join(tmpdir(), 'security-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const buffer = Buffer.alloc(8192);
  const read = (): string => {
    try {
      return buffer.toString('latin1', 0, readSync(reader, buffer));
    } catch {
      return ''; // nothing is there yet
    }
  };
  return { reader, writer, read };
}

test('a pipe takes whole pieces for as long as there is room, again when there is room, and none without a reader', () => {
  const { reader, writer, read } = usePipe();
  expect(pieceBytes(writer)).toBe(4096);
  const pipe = openPipe(writer);
  const piece = `${'x'.repeat(3000)}\n`;
  let written = 0;
  while (pipe?.write(piece)) written += 1;
  expect(written).toBeGreaterThan(1);
  let text = '';
  for (let part = read(); part !== ''; part = read()) text += part;
  expect(text).toBe(piece.repeat(written));
  expect(pipe?.write(piece)).toBe(true);
  closeSync(reader);
  expect(pipe?.write(piece)).toBe(false);
  pipe?.close();
  closeSync(writer);
});

test('what is no pipe is written in larger pieces, and is not opened again', () => {
  const file = openSync(new URL(import.meta.url), 'r');
  expect(openPipe(file)).toBeUndefined();
  expect(pieceBytes(file)).toBe(32_768);
  closeSync(file);
});

test('a line that is longer than a piece arrives whole, though there is room for its beginning only', async () => {
  const { reader, writer, read } = usePipe();
  const pipe = openPipe(writer);
  while (pipe?.write(`${'x'.repeat(3000)}\n`));
  pipe?.close();
  let text = read() + read();
  const log = createSecurityLog({
    level: 'all',
    open: toDestination('stdout', createLogLines().log, writer),
  });
  log.note({ event: 'setting.unsafe', setting: 'x', why: 'y'.repeat(40_000) });
  const closed = log.close();
  await vi.waitUntil(() => {
    text += read();
    return text.includes('log.closed') && text.endsWith('\n');
  }, PATIENT);
  await closed;
  const lines = text.slice(text.indexOf('{')).trimEnd().split('\n');
  const events = lines.map((line) => readSecurityLine(`${line}\n`).event);
  expect(events).toEqual(['log.opened', 'setting.unsafe', 'log.closed']);
  closeSync(reader);
});

test('with a reader that is now slow and now fast, each line arrives once, whole and in order', async () => {
  const { reader, writer, read } = usePipe();
  const inThread = vi.spyOn(fs, 'write');
  onTestFinished(() => void vi.restoreAllMocks());
  const log = createSecurityLog({
    level: 'all',
    open: toDestination('stdout', createLogLines().log, writer),
  });
  const total = 600;
  const lastOf = (text: string): string => text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
  let text = '';
  for (let count = 1; count <= total; count += 1) {
    log.note({ event: 'setting.unsafe', setting: 'x', why: 'y'.repeat(count * 5) });
    await setImmediate();
    if (count === 40) expect(inThread).not.toHaveBeenCalled();
    if (count % 150 < 50) text += read();
    else if (count % 150 === 149)
      await vi.waitUntil(() => {
        text += read();
        return lastOf(text).includes(`"seq":${count + 1},`) && text.endsWith('\n');
      }, PATIENT);
  }
  const closed = log.close();
  await vi.waitUntil(() => {
    text += read();
    return text.includes('log.closed') && text.endsWith('\n');
  }, PATIENT);
  await closed;
  const lines = text.trimEnd().split('\n');
  const seqs = lines.map((line) => readSecurityLine(`${line}\n`).seq);
  expect(seqs).toEqual(Array.from({ length: total + 2 }, (_, index) => index + 1));
  expect(inThread.mock.calls.length).toBeGreaterThan(10);
  closeSync(reader);
});
