import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

/** A pipe takes this many bytes in one piece (PIPE_BUF), so that nothing of another writer to the same pipe comes in between. */
const PIPE_BYTES = 4096;
/** Linux takes this many for a socket in one piece (unix_stream_sendmsg), and for a file. */
const FILE_BYTES = 32_768;

/** How many bytes may be written at once to what a descriptor stands for, so that whole lines stay whole. */
export function pieceBytes(descriptor: number): number {
  const stats = fstatSync(descriptor);
  return stats.isFile() || stats.isSocket() ? FILE_BYTES : PIPE_BYTES;
}

/** A pipe that is written to without waiting for its reader. */
export interface Pipe {
  /** Writes a piece, whole. `false`: nothing was written, since there is no room, or no reader. */
  write(piece: string): boolean;
  close(): void;
}

/**
 * Opens a pipe of this process once more. Whether a write waits is a matter of each opening, and other processes have the first one.
 * @returns `undefined`: it is no pipe, or the system does not let it be opened again. Only Linux does.
 */
export function openPipe(descriptor: number): Pipe | undefined {
  const own = reopen(descriptor);
  if (own === undefined) return undefined;
  return {
    write(piece) {
      try {
        return writeSync(own, piece) > 0;
      } catch {
        return false;
      }
    },
    close: () => closeSync(own),
  };
}

function reopen(descriptor: number): number | undefined {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
