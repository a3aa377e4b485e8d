import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where Linux says how much processor time a container may take: `<quota> <period>`, or `max <period>`. */
const CGROUP_V2 = '/sys/fs/cgroup/cpu.max';
const CGROUP_V1 = ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'];

/**
 * How many processors this process may use: those that it may run on, and no more than its container's limit. Node 20 does not
 * know the limit: with two of 64 processors it would count 64.
 * @param read reads a file; `undefined`: there is none.
 */
export function countCpus(read: (path: string) => string | undefined = readIfThere): number {
  const parts = read(CGROUP_V2)?.split(' ') ?? CGROUP_V1.map((path) => read(path) ?? '');
  const [quota = Number.NaN, period = Number.NaN] = parts.map(Number);
  const limit = quota > 0 && period > 0 ? Math.ceil(quota / period) : Number.POSITIVE_INFINITY;
  return Math.min(availableParallelism(), limit);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
