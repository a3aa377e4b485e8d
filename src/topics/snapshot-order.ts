import { compareInstants } from '../events/instant.ts';
import type { LiveEvent } from '../events/kinds.ts';

/** What decides which of two snapshots is newer: when they were computed, not when they came. */
type Snapshot = Pick<LiveEvent, 'data' | 'time'>;

/** If one of the two does not say when it was computed, neither is older: then the one that comes later counts. */
export function isOlder({ time }: Pick<Snapshot, 'time'>, than: Pick<Snapshot, 'time'>): boolean {
  return time !== null && than.time !== null && compareInstants(time, than.time) < 0;
}

/** Lets snapshots pass, unless they are older than one that passed before, or the same one comes twice in a row. */
export interface SnapshotOrder {
  /** Whether a snapshot takes the place of the one before. */
  accept(snapshot: Snapshot): boolean;
  /** A snapshot that did not pass here is known elsewhere: from now on nothing older than it passes. */
  raise(snapshot: Pick<Snapshot, 'time'>): void;
  /** Whether a snapshot is older than the newest one that is known. */
  isOutdated(snapshot: Snapshot): boolean;
  /** Whether a snapshot was computed after the newest one that is known, if both say when. */
  isNewer(snapshot: Snapshot): boolean;
  /** The newest time so far. If the last snapshot has none, it is the time of one before it. */
  readonly time: string | null;
}

export function createSnapshotOrder(): SnapshotOrder {
  let lastId: string | undefined;
  let newest: string | null = null;

  function raise({ time }: Pick<Snapshot, 'time'>): void {
    if (time !== null && !isOlder({ time }, { time: newest })) newest = time;
  }

  const isOutdated = (snapshot: Snapshot): boolean => isOlder(snapshot, { time: newest });

  return {
    accept(snapshot) {
      if (snapshot.data.id === lastId || isOutdated(snapshot)) return false;
      lastId = snapshot.data.id;
      raise(snapshot);
      return true;
    },
    raise,
    isOutdated,
    isNewer: (snapshot) => isOlder({ time: newest }, snapshot),
    get time() {
      return newest;
    },
  };
}
