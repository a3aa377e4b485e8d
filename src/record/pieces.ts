import { fstatSync } from 'node:fs';

/** A pipe takes this many bytes in one piece (PIPE_BUF), so that nothing of another writer to the same pipe comes in between. */
const PIPE_BYTES = 4096;
/** Linux takes this many for a socket in one piece (unix_stream_sendmsg), and for a file. */
const FILE_BYTES = 32_768;

/** How many bytes may be written at once to what a descriptor stands for, so that whole lines stay whole. */
export function pieceBytes(descriptor: number): number {
  const stats = fstatSync(descriptor);
  return stats.isFile() || stats.isSocket() ? FILE_BYTES : PIPE_BYTES;
}
