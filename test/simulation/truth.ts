import { EMPTY_LOG } from '../../src/bus/position.ts';
import { sealOf } from '../../src/bus/seal.ts';
import { readCursor, writeCursor } from '../../src/topics/cursor.ts';
import type { Entry } from './data.ts';

/** Where a client says it has come, as the truth knows it. */
export type Spot =
  | Entry
  /** Before the first event of a log that was empty, in this generation. */
  | { readonly generation: string };

/** All that ever was appended, on any node, so that what clients receive can be held against it. */
export interface Truth {
  append(entry: Entry): void;
  /** Whether something of a log does not come before its newest, or is not it. */
  hasLost(stream: string, newest: Entry | undefined): boolean;
  /**
   * What stands at a cursor of this log; `undefined`: it never led anywhere. Where two courses of the log have the same event
   * there, and so the same cursor, the one that goes on from `from` is meant.
   */
  spotOf(
    stream: string,
    cursor: string,
    generations: ReadonlySet<string>,
    from: Spot | undefined,
  ): Spot | undefined;
}

export function createTruth(): Truth {
  /** More than one of a position, where a log went two ways. */
  const entries = new Map<string, Entry[]>();
  /** How many each log ever had. */
  const counts = new Map<string, number>();
  /** Clients get the same positions again and again. */
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
    spotOf(stream, cursor, generations, from) {
      const key = `${stream} ${cursor}`;
      const spots = found.get(key) ?? find(stream, cursor, generations);
      if (spots.length > 0) found.set(key, spots);
      return spots.find((spot) => spots.length === 1 || follows(from, spot)) ?? spots[0];
    },
  };
}

const follows = (from: Spot | undefined, spot: Spot): boolean =>
  from !== undefined && !('generation' in spot) && 'entries' in wayBetween(from, spot);

/** What lies between two spots of a log. */
export type Way =
  /** In order, without the first, with the last. */
  | { readonly entries: readonly Entry[] }
  /** The second is no successor of the first: `back`, it came before; `aside`, it is of another course of the log. */
  | { readonly fault: 'back' | 'aside' };

/**
 * Two entries with the same event at the same position are one to everybody: a cursor knows its own event, and not those
 * before it.
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

/** Whether one is among the predecessors of another. */
function isBefore(entry: Entry, other: Entry): boolean {
  for (let at: Entry | undefined = other; at !== undefined; at = at.parent)
    if (isSame(at, entry)) return true;
  return false;
}
