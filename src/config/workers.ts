import { countCpus } from './cpus.ts';
import type { Reader } from './reader.ts';

/** More than any machine needs, and few enough that a slip of the finger does no harm. */
const MAX_WORKERS = 256;

/** How many processes share the port; `undefined`: this process is the server, and has no supervisor. */
export function readWorkers(read: Reader): number | undefined {
  const written = read.text('WORKERS');
  if (written === undefined) return undefined;
  if (read.text('REDIS_URL') === undefined)
    read.fault('WORKERS needs REDIS_URL: processes share events by Redis only.');
  const count = written === 'auto' ? countCpus() : /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (count >= 1 && count <= MAX_WORKERS) return count;
  read.fault(`WORKERS must be auto or a whole number from 1 to ${MAX_WORKERS}.`);
  return undefined;
}
