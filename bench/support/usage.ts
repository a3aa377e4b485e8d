import { readdirSync, readFileSync } from 'node:fs';

/** The resources that a process has used. */
export interface ProcessUsage {
  /** User and system time of all its threads, and of the processes that it has started, in milliseconds. */
  cpuMs(): number;
  /** Resident memory, in bytes. */
  residentBytes(): number;
}

/**
 * Reads /proc. `schedstat`, the scheduler's own count, gives the same as `utime + stime` in `stat`, which only has a resolution
 * of a hundredth of a second.
 */
export function usageOf(pid: number): ProcessUsage {
  return {
    cpuMs: () => [...cpuOfEach(pid).values()].reduce((sum, cpuMs) => sum + cpuMs, 0),
    residentBytes() {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(kilobytes) * 1024;
    },
  };
}

/** The CPU time of a process and of each that it has started, in milliseconds. */
export function cpuOfEach(pid: number): ReadonlyMap<number, number> {
  const started = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return new Map([pid, ...started].map((each) => [each, cpuOf(each)]));
}

function cpuOf(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) nanoseconds += threadTime(pid, thread);
  return nanoseconds / 1e6;
}

function threadTime(pid: number, thread: string): number {
  try {
    const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(running);
  } catch {
    return 0; // the thread has ended
  }
}
