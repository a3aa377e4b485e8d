import { EMPTY_LOG } from '../../src/bus/position.ts';
import { sealOf } from '../../src/bus/seal.ts';
import { readCursor, writeCursor } from '../../src/topics/cursor.ts';
import type { Entry } from './data.ts';

/** The position that a client reports, as the truth knows it. */
export type Spot =
  | Entry
  /** Before the first event of an empty log, in this generation. */
  | { readonly generation: string };

/** Everything that was ever appended, on any node. The lines that clients receive are checked against it. */
export interface Truth {
  append(entry: Entry): void;
  /** True if some entry of the log is neither `newest` nor before it. */
  hasLost(stream: string, newest: Entry | undefined): boolean;
  /**
   * The spots at a cursor of this log; none if the cursor was never valid. Two histories may have the same event there, and so the
   * same cursor. Then those that continue from `from` come first.
   */
  spotsOf(
    stream: string,
    cursor: string,
    generations: ReadonlySet<string>,
    from: Spot | undefined,
  ): readonly Spot[];
}

export function createTruth(): Truth {
  /** All entries by position. A position has several entries if the log has split. */
  const entries = new Map<string, Entry[]>();
  /** The number of entries that each log ever had. */
  const counts = new Map<string, number>();
  /** A cache, because clients receive the same spots again and again. */
  const found = new Map<string, readonly Spot[]>();
  const keyOf = (stream: string, epoch: string, offset: number): string => `${stream} ${epoch}-${offset}`;

  function find(stream: string, written: string, generations: ReadonlySet<string>): readonly Spot[] {
    const cursor = readCursor(written);
    if (cursor === undefined) return [];
    if (cursor.offset === 0) {
      for (const generation of generations) {
        const seal = sealOf(stream, EMPTY_LOG, generation);
        if (writeCursor({ ...EMPTY_LOG, seal }) === written) return [{ generation }];
      }
      return [];
    }
    const there = entries.get(keyOf(stream, cursor.epoch, cursor.offset));
    return there?.filter((entry) => sealOf(stream, entry.position, entry.event) === cursor.seal) ?? [];
  }

  return {
    hasLost(stream, newest) {
      let length = 0;
      for (let at = newest; at !== undefined; at = at.parent) length += 1;
      return length < (counts.get(stream) ?? 0);
    },
    append(entry) {
      counts.set(entry.stream, (counts.get(entry.stream) ?? 0) + 1);
      const key = keyOf(entry.stream, entry.position.epoch, entry.position.offset);
      const known = entries.get(key);
      if (known === undefined) entries.set(key, [entry]);
      else known.push(entry);
      found.clear();
    },
    spotsOf(stream, cursor, generations, from) {
      const key = `${stream} ${cursor}`;
      const spots = found.get(key) ?? find(stream, cursor, generations);
      if (spots.length > 0) found.set(key, spots);
      if (spots.length <= 1) return spots;
      return spots.toSorted((one, other) => Number(follows(from, other)) - Number(follows(from, one)));
    },
  };
}

const follows = (from: Spot | undefined, spot: Spot): boolean =>
  from !== undefined && !('generation' in spot) && 'entries' in wayBetween(from, spot);

/** The entries between two spots of a log. */
export type Way =
  /** The entries in order, without the first spot, with the last one. */
  | { readonly entries: readonly Entry[] }
  /** The second spot does not follow the first: `back` if it came before, `aside` if it is in another history of the log. */
  | { readonly fault: 'back' | 'aside' };

/**
 * Two entries with the same event at the same position look the same to everyone: a cursor identifies its own event, but not the
 * events before it.
 */
function isSame(one: Entry, other: Entry): boolean {
  if (one === other) return true;
  const { epoch, offset } = one.position;
  return offset === other.position.offset && epoch === other.position.epoch && one.event.equals(other.event);
}

export function wayBetween(from: Spot, to: Entry): Way {
  const start = 'generation' in from ? undefined : from;
  const entries: Entry[] = [];
  for (let entry: Entry | undefined = to; entry !== undefined; entry = entry.parent) {
    if (start !== undefined && isSame(entry, start)) return { entries: entries.reverse() };
    if (start !== undefined && entry.position.offset < start.position.offset) break;
    entries.push(entry);
  }
  if (start === undefined) return { entries: entries.reverse() };
  return { fault: isBefore(to, start) ? 'back' : 'aside' };
}

/** True if one entry is the other or one of its predecessors. */
function isBefore(entry: Entry, other: Entry): boolean {
  for (let at: Entry | undefined = other; at !== undefined; at = at.parent)
    if (isSame(at, entry)) return true;
  return false;
}
