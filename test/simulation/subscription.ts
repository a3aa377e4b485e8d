import type { Entry } from './data.ts';
import { type Spot, type Truth, wayBetween } from './truth.ts';
import { computedAtOf, isBad, isForeign, isNewestOnly, isWanted, type Wish } from './wishes.ts';

/** The same number of entries as in src/topics/newest-snapshot.ts. */
const LOOKED_AT = 100;
/** By how much the clocks of two nodes of Redis differ at most. */
const MAX_SKEW_MS = 6;

function isOutdated(entry: Entry, than: Entry): boolean {
  const [one, other] = [computedAtOf(entry.eventId), computedAtOf(than.eventId)];
  return one !== null && other !== null && one < other;
}

/** The newest of snapshots in the order of their log. If two snapshots do not both have a time, the later one is newer. */
function newestOf(entries: readonly Entry[]): Entry | undefined {
  let newest: Entry | undefined;
  let timed: Entry | undefined;
  for (const entry of entries) {
    if (timed !== undefined && isOutdated(entry, timed)) continue;
    newest = entry;
    if (computedAtOf(entry.eventId) !== null) timed = entry;
  }
  return newest;
}

function chainTo(newest: Entry | undefined): readonly Entry[] {
  const chain: Entry[] = [];
  for (let entry = newest; entry !== undefined; entry = entry.parent) chain.push(entry);
  return chain.reverse();
}

export interface SubscriptionOptions {
  readonly wish: Wish;
  /** The log of its topic. */
  readonly stream: string;
  readonly truth: Truth;
  /** All generations that Redis ever had for this log. */
  readonly generations: ReadonlySet<string>;
  /** True if a running Redis has the data of this generation. */
  readonly isCurrent: (generation: string) => boolean;
  /** True if an event is in the log, or was until it was trimmed. False if a fail-over lost it. */
  readonly isKept: (entry: Entry) => boolean;
  /** True if every server that opens the topic finds the event in its log. */
  readonly isReadable: (entry: Entry) => boolean;
  /** True if something happened that may lose events for good. */
  readonly mayExpire: (spot: Spot | undefined) => boolean;
  readonly onFault: (fault: string) => void;
}

/** The origin of the cursor that a client resumes with. */
export type CursorKind = 'none' | 'last' | 'old' | 'foreign' | 'garbage';

/** Checks line by line that a client receives the right data on one subscription, across all its connections. */
export interface Judge {
  /** The cursor for the next resume: the newest that the client received. */
  readonly cursor: string | undefined;
  /** The client subscribes with this cursor. Later lines are checked against it. */
  begin(kind: CursorKind, cursor: string | undefined): void;
  event(id: string, cursor: string | undefined): void;
  position(cursor: string): void;
  /** The server says that all events come that were appended since then. */
  past(since: number): void;
  /** The client received `CURSOR_EXPIRED`. */
  expired(): void;
  /** Called after a quiet time: the client must have everything. */
  expectWhole(newest: Entry | undefined, kept: readonly Entry[]): void;
}

export function createJudge(options: SubscriptionOptions): Judge {
  const { wish, stream, truth, onFault } = options;
  const isKpis = isNewestOnly(wish);
  let cursor: string | undefined;
  /** The client has everything up to this spot. `undefined` until it received its first position. */
  let spot: Spot | undefined;
  let mustExpire = false;
  let pastSince: number | undefined;
  /** True if the client never received its cursor on this topic. */
  let isForged = false;
  /** Events without a cursor since it subscribed. */
  let bare = new Set<string>();
  /** Snapshots since it started without a cursor, and where each was. */
  let snapshots = new Map<string, Spot | undefined>();
  /** The last snapshot, and the newest of those with a time. */
  let lastSnapshot: Spot | undefined;
  let newestSnapshot: Entry | undefined;

  const isKept = (at: Spot | undefined): boolean =>
    at === undefined || 'generation' in at || options.isKept(at);

  function event(id: string, at: string | undefined): void {
    if (isForeign(id)) onFault(`${id} came, which others published`);
    if (mustExpire) onFault(`${id} came by a cursor that leads nowhere`);
    // If a fail-over lost the newest entry, the entry before it is the newest again. A server that remembers the lost one may
    // know better.
    const [next] = at === undefined ? [] : truth.spotsOf(stream, at, options.generations, spot);
    if (isKpis) takeSnapshot(id, next);
    if (at === undefined) takeBare(id);
    else move(at, id);
  }

  function takeSnapshot(id: string, next: Spot | undefined): void {
    // A snapshot that Redis lost may be appended again, if its publisher got no answer.
    const isTwice = snapshots.has(id) && isKept(snapshots.get(id));
    if (isTwice && isKept(spot) && isKept(next)) onFault(`the snapshot ${id} came twice`);
    snapshots.set(id, next);
    lastSnapshot = next;
    if (next === undefined || 'generation' in next) return;
    const isOlder = newestSnapshot !== undefined && isOutdated(next, newestSnapshot);
    if (newestSnapshot !== undefined && isOlder && options.isReadable(newestSnapshot))
      onFault(`the snapshot ${id} came after ${newestSnapshot.eventId}, which is newer`);
    if (computedAtOf(id) !== null && !isOlder) newestSnapshot = next;
  }

  function takeBare(id: string): void {
    if (!id.startsWith('bare')) onFault(`the logged event ${id} came without a cursor`);
    if (bare.has(id)) onFault(`the bare event ${id} came twice`);
    bare.add(id);
  }

  /** The client has reached a cursor, with or without the event at it. */
  function move(to: string, id?: string): void {
    const next = chooseSpot(truth.spotsOf(stream, to, options.generations, spot), id);
    if (mustExpire) onFault('a cursor that leads nowhere was accepted');
    if (next === undefined) {
      onFault(`the cursor of ${id ?? 'a position'} leads nowhere`);
      return;
    }
    if (id !== undefined) checkEvent(id, next);
    const fault = spot === undefined || isKpis ? undefined : faultOf(spot, next, id);
    if (fault !== undefined) onFault(fault);
    spot = next;
    cursor = to;
    isForged = false;
  }

  /** Of two histories with the same event at a cursor, the client has come by the one on which it missed nothing. */
  function chooseSpot(spots: readonly Spot[], id: string | undefined): Spot | undefined {
    const from = spot;
    if (from === undefined || spots.length <= 1) return spots[0];
    return spots.find((one) => faultOf(from, one, id) === undefined) ?? spots[0];
  }

  function checkEvent(id: string, at: Spot): void {
    if ('generation' in at || at.eventId !== id) onFault(`the cursor of ${id} is another event’s`);
    else if (!isWanted(wish, at)) onFault(`${id} came, which was not asked for`);
  }

  /** What is wrong with the way to a cursor, with or without the event at it. */
  function faultOf(from: Spot, to: Spot, id: string | undefined): string | undefined {
    const what = id ?? 'a position';
    if ('generation' in to)
      return 'generation' in from ? undefined : 'a position leads back to before the first event';
    const way = wayBetween(from, to);
    if ('fault' in way)
      return way.fault === 'back' ? `${what} came again` : `${what} is of another course of the log`;
    if (id !== undefined && way.entries.length === 0) return `${id} came twice`;
    const passed = id === undefined ? way.entries : way.entries.slice(0, -1);
    const missed = passed.filter(isDue).map(({ eventId }) => eventId);
    return missed.length > 0 ? `${missed.join(', ')} did not come before ${what}` : undefined;
  }

  /**
   * An event that was deleted for its age may be appended again, if its publisher got no answer. Some clients then have it
   * already.
   */
  function isDue(entry: Entry): boolean {
    if (!isWanted(wish, entry)) return false;
    for (let at = entry.parent; at !== undefined; at = at.parent)
      if (at.eventId === entry.eventId) return false;
    return true;
  }

  /**
   * A server knows the newest snapshot that it received, which may be deleted since. A server that started later knows the newest
   * of those that were kept then. A newer snapshot that a fail-over lost stays until something newer arrives.
   */
  function expectNewest(newest: Entry | undefined, kept: readonly Entry[]): void {
    if (truth.hasLost(stream, newest)) return;
    const all = chainTo(newest).filter(({ eventId }) => !isBad(eventId));
    const possible = new Set<Entry | undefined>();
    const readable = kept.slice(-LOOKED_AT).find(({ eventId }) => !isBad(eventId));
    if (readable === undefined && newest !== undefined) return; // all remaining entries break the contract
    const latest = readable === undefined ? 0 : all.indexOf(readable);
    for (let from = 0; from <= latest; from += 1) possible.add(newestOf(all.slice(from)));
    const known = lastSnapshot !== undefined && 'eventId' in lastSnapshot ? lastSnapshot : undefined;
    if (possible.has(known)) return;
    // A server that missed some entries before their deletion may know a deleted one, if it is not older.
    const newestReadable = newestOf(kept.slice(-LOOKED_AT).filter(({ eventId }) => !isBad(eventId)));
    const isDeleted = known !== undefined && all.indexOf(known) < latest;
    if (isDeleted && newestReadable !== undefined && !isOutdated(known, newestReadable)) return;
    const wanted = [...possible].map((entry) => entry?.eventId ?? 'none');
    onFault(`the newest snapshot, ${wanted.join(' or ')}, did not come, but ${known?.eventId ?? 'none'}`);
  }

  return {
    get cursor() {
      return cursor;
    },
    begin(kind, by) {
      bare = new Set();
      if (kind !== 'last') {
        snapshots = new Map();
        newestSnapshot = undefined;
        cursor = by;
        spot = by === undefined ? undefined : truth.spotsOf(stream, by, options.generations, undefined)[0];
      }
      if (kind !== 'last') isForged = kind === 'foreign' || kind === 'garbage';
      const isLost = spot !== undefined && 'generation' in spot && !options.isCurrent(spot.generation);
      mustExpire = !isKpis && (isForged || isLost);
    },
    event,
    position(at) {
      move(at);
      const start = pastSince;
      pastSince = undefined;
      if (start === undefined || isKpis || spot === undefined || 'generation' in spot) return;
      if (spot.at > start + MAX_SKEW_MS)
        onFault(`${spot.eventId} did not come, which is of the promised past`);
    },
    past(since) {
      pastSince = since;
    },
    expired() {
      if (!mustExpire && !options.mayExpire(spot)) onFault('CURSOR_EXPIRED, although nothing was lost');
      mustExpire = false;
      isForged = false;
      cursor = undefined;
      spot = undefined;
      snapshots = new Map();
      newestSnapshot = undefined;
    },
    expectWhole(newest, kept) {
      if (isKpis) return expectNewest(newest, kept);
      if (spot === undefined) return onFault('no position was sent');
      if (newest === undefined) {
        if (!('generation' in spot)) onFault('its log is gone, and nobody said so');
        return;
      }
      const way = wayBetween(spot, newest);
      if ('fault' in way) return onFault('its log went another way, and nobody said so');
      const missing = way.entries.filter(isDue).map(({ eventId }) => eventId);
      if (missing.length > 0) onFault(`${missing.join(', ')} did not come at all`);
    },
  };
}
