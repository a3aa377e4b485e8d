import type { LogEntry, Retention, SweepAllowance } from './bus.ts';
import type { LogPosition } from './position.ts';
import { type SealedEntry, sealOf } from './seal.ts';

/** A log within this process: what the scripts of contract/ make of a Redis Stream. */
export interface MemoryLog {
  append(entry: Pick<LogEntry, 'channel' | 'event'>, retention: Retention): LogPosition;
  /** Whether an event that is in the log was appended under this id. */
  has(eventId: string): boolean;
  /** The event that was appended last has this id. */
  remember(eventId: string): void;
  readonly last: LogEntry | undefined;
  readonly seal: SealedEntry | undefined;
  readFrom(position: LogPosition, count: number): LogEntry[];
  sweep(allowance: SweepAllowance): void;
}

/** @param stream the log's name. */
export function createMemoryLog(stream: string): MemoryLog {
  const epoch = String(Date.now());
  const entries: (LogEntry & { readonly until: number })[] = [];
  const ids = new Map<string, number>();
  let offset = 0;
  let seal: SealedEntry | undefined;

  /** Deletes the oldest entries; answers the last of them. */
  function drop(count: number): LogEntry | undefined {
    const dropped = entries.splice(0, Math.max(0, count)).at(-1);
    if (dropped === undefined) return undefined;
    for (const [id, at] of ids) {
      if (at > dropped.position.offset) break;
      ids.delete(id);
    }
    return dropped;
  }

  function sealAt({ position, event, appendedBy }: LogEntry): void {
    seal = { ...position, seal: sealOf(stream, position, event), appendedBy };
  }

  return {
    append(entry, { events, seconds }) {
      offset += 1;
      const position = { epoch, offset };
      const now = performance.now();
      entries.push({ ...entry, position, appendedBy: now, until: now + seconds * 1000 });
      const firstKept = entries.findIndex(({ until }) => until >= now);
      const dropped = drop(firstKept);
      if (dropped !== undefined) sealAt(dropped);
      drop(entries.length - events);
      return position;
    },
    has: (eventId) => ids.has(eventId),
    remember: (eventId) => void ids.set(eventId, offset),
    get last() {
      return entries.at(-1);
    },
    get seal() {
      return seal;
    },
    readFrom(position, count) {
      const first = entries[0]?.position.offset ?? 0;
      const age = BigInt(position.epoch) - BigInt(epoch);
      if (age > 0n) return [];
      const start = age < 0n ? 0 : Math.max(0, position.offset - first);
      return entries.slice(start, start + count);
    },
    sweep({ seconds, keepsNewest }) {
      const now = performance.now();
      const firstKept = entries.findIndex(
        ({ appendedBy, until }) => Math.min(until, appendedBy + seconds * 1000) >= now,
      );
      const due = firstKept < 0 ? entries.length : firstKept;
      const dropped = drop(Math.min(due, entries.length - (keepsNewest ? 1 : 0)));
      if (dropped !== undefined) sealAt(dropped);
    },
  };
}
