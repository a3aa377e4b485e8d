import type { LogPosition } from '../topics/position.ts';
import type { LogEntry, Retention } from './bus.ts';

/** A log within this process: what contract/append-event.lua makes of a Redis Stream. */
export interface MemoryLog {
  append(entry: Omit<LogEntry, 'position'>, retention: Retention): LogPosition;
  readonly last: LogEntry | undefined;
  readFrom(position: LogPosition, count: number): LogEntry[];
}

export function createMemoryLog(): MemoryLog {
  const epoch = String(Date.now());
  const entries: (LogEntry & { readonly at: number })[] = [];
  let offset = 0;
  return {
    append(entry, { events, seconds }) {
      offset += 1;
      const position = { epoch, offset };
      entries.push({ ...entry, position, at: performance.now() });
      const oldest = performance.now() - seconds * 1000;
      const firstKept = entries.findIndex(({ at }, index) => at >= oldest || index === entries.length - 1);
      entries.splice(0, Math.max(firstKept, entries.length - events));
      return position;
    },
    get last() {
      return entries.at(-1);
    },
    readFrom(position, count) {
      const first = entries[0]?.position.offset ?? 0;
      const age = BigInt(position.epoch) - BigInt(epoch);
      if (age > 0n) return [];
      const start = age < 0n ? 0 : Math.max(0, position.offset - first);
      return entries.slice(start, start + count);
    },
  };
}
