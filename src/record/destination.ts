import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { pieceBytes } from './pieces.ts';
import type { LineSink, OpenSink } from './writer.ts';

/** How much may wait to be written, in bytes: some ten thousand lines. */
const MAX_WAITING_BYTES = 4_194_304;
/** How long a line waits for others that are written with it, in milliseconds. Each write costs as much as several lines. */
const GATHER_MS = 10;
/** How long a stop waits for a destination that takes nothing, in milliseconds. */
const PATIENCE_MS = 1000;
/** The owner may write, and the group may read. */
const MODE = 0o640;

const STDOUT_FD = 1;

/**
 * Writes lines to standard output or to the end of a file, beside the event loop. A destination that takes nothing loses lines, and
 * holds up nobody.
 * @param where `stdout`, or the path of a file. After SIGHUP the file is opened again by its path, for log rotation.
 * @throws when the file cannot be opened.
 */
export function toDestination(where: string, log: Pick<Logger, 'error'>): OpenSink {
  const isFile = where !== 'stdout';
  const maxBytes = isFile ? tryFile(where) : pieceBytes(STDOUT_FD);
  return (onLost) => {
    const stream = openStream(isFile ? where : STDOUT_FD, maxBytes);
    let lost = 0;
    let isFailing = false;
    const reopen = (): void => stream.reopen();
    if (isFile) process.on('SIGHUP', reopen);

    stream.on('drop', (lines: string) => {
      lost += countLines(lines);
    });
    stream.on('drain', () => {
      isFailing = false;
      const count = lost;
      lost = 0;
      if (count > 0) onLost(count);
    });
    stream.on('error', (error: Error) => {
      if (isFailing) return;
      isFailing = true;
      const reason = messageOf(error);
      log.error({ reason }, 'the security log cannot be written');
      if (!isFile) process.stderr.write(`The security log cannot be written: ${reason}\n`); // the log goes the same way
    });

    let gathered = '';
    let gatheredBytes = 0;
    let timer: NodeJS.Timeout | undefined;
    function writeGathered(): void {
      clearTimeout(timer);
      timer = undefined;
      const lines = gathered;
      gathered = '';
      gatheredBytes = 0;
      try {
        stream.write(lines);
      } catch {
        lost += countLines(lines); // it could not be opened again
      }
    }

    const sink: LineSink = {
      write(line, _seq, _hash, bytes) {
        if (gatheredBytes > 0 && gatheredBytes + bytes > maxBytes) writeGathered();
        gathered += line;
        gatheredBytes += bytes;
        timer ??= setTimeout(writeGathered, GATHER_MS);
      },
      close() {
        if (timer !== undefined) writeGathered();
        process.off('SIGHUP', reopen);
        return new Promise((resolve) => {
          const giveUp = setTimeout(() => {
            stream.destroy();
            resolve();
          }, PATIENCE_MS);
          stream.once('close', () => {
            clearTimeout(giveUp);
            resolve();
          });
          if (isFailing)
            stream.destroy(); // what could not be written before will not be written now
          else stream.end();
        });
      },
    };
    return sink;
  };
}

/** Opens a file, since the stream opens it later, when it is too late to refuse to start. Returns how many bytes are a piece. */
function tryFile(path: string): number {
  const descriptor = openSync(path, 'a', MODE);
  try {
    return pieceBytes(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openStream(dest: string | number, maxWrite: number) {
  const stream = pino.destination({ dest, sync: false, maxLength: MAX_WAITING_BYTES, maxWrite, mode: MODE });
  stream.removeAllListeners('error'); // pino's own drops what is written after EPIPE in silence
  return stream;
}

const countLines = (lines: string): number => lines.split('\n').length - 1;
