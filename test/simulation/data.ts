import type { LogEntry, LogKeys, Retention, SweepAllowance } from '../../src/bus/bus.ts';
import { digestOf, formatEnvelope } from '../../src/bus/envelope.ts';
import type { LogPosition } from '../../src/bus/position.ts';
import { type SealedPosition, sealOf } from '../../src/bus/seal.ts';

/**
 * An event at its position in a log, with the entry before it. If a log splits into two histories, two entries have the same
 * parent.
 */
export interface Entry extends Omit<LogEntry, 'appendedBy'> {
  readonly stream: string;
  readonly eventId: string;
  /** When it was appended, and until when it is kept. */
  readonly at: number;
  readonly until: number;
  readonly parent: Entry | undefined;
}

interface Log {
  readonly epoch: string;
  /** The newest entry, even if it was deleted: an empty stream continues its count. */
  newest: Entry | undefined;
  /** The entries that are kept. */
  entries: Entry[];
  /** When the oldest entry is due for deletion, as in the sorted set of its kind. */
  due: number | undefined;
  /** The ids of its events, with their offsets. */
  readonly ids: Map<string, number>;
  seal: SealedPosition | undefined;
}

/** One change of the data. A replica or a file on disk may lack the last changes. */
type Change =
  | { readonly appended: readonly Entry[]; readonly retention: Retention }
  | { readonly swept: string; readonly allowance: SweepAllowance; readonly now: number }
  | { readonly key: string; readonly value: string };

export interface Appended {
  readonly position: LogPosition;
  readonly channel: string;
  readonly payload: Buffer;
}

/** The logs in a Redis, with the semantics of contract/append-event.lua and contract/sweep.lua. */
export interface Data {
  /** Returns `undefined` if an event with this id is in the log. */
  append(
    keys: LogKeys,
    eventId: string,
    event: string,
    retention: Retention,
    now: number,
  ): Appended | undefined;
  sweep(agingKey: string, allowance: SweepAllowance, now: number): boolean;
  /** The permanent value of a key. The first proposal sets it. */
  agree(key: string, proposal: string): string;
  value(key: string): string | undefined;
  /** The kept entries from a position on. */
  from(stream: string, position: LogPosition, count: number): readonly Entry[];
  /** The newest kept entry. */
  last(stream: string): Entry | undefined;
  seal(stream: string): SealedPosition | undefined;
  /** All kept entries. */
  kept(stream: string): readonly Entry[];
  /** The newest entry, kept or deleted. */
  newest(stream: string): Entry | undefined;
  /** The number of changes. */
  readonly size: number;
  /** A copy that lacks the newest `lost` changes. */
  copy(lost: number): Data;
}

/** Is notified of new changes, but not of copied ones. */
export interface DataObserver {
  appended(entry: Entry): void;
  /** A key got its permanent value. */
  agreed(value: string): void;
  /** A value was proposed while Redis refused writes. */
  proposed(value: string): void;
}

const NONE: readonly never[] = [];

/** The common start of all keys of one kind: `dms:{crate}`. */
const kindOf = (key: string): string => /^[^{]*\{[^}]+\}/.exec(key)?.[0] ?? key;

export function createData(observer: DataObserver, journal: readonly Change[] = []): Data {
  const logs = new Map<string, Log>();
  const values = new Map<string, string>();
  const changes: Change[] = [];

  function enter(change: Change): void {
    changes.push(change);
    if ('key' in change) values.set(change.key, change.value);
    else if ('swept' in change) enterSweep(change.swept, change.allowance, change.now);
    else for (const [index, entry] of change.appended.entries()) add(entry, change.retention, index === 0);
  }

  /** @param hasIds true if this is the topic's own log. */
  function add(entry: Entry, { events }: Retention, hasIds: boolean): void {
    const log = logs.get(entry.stream) ?? {
      epoch: entry.position.epoch,
      newest: undefined,
      entries: [],
      due: undefined,
      ids: new Map<string, number>(),
      seal: undefined,
    };
    logs.set(entry.stream, log);
    log.newest = entry;
    log.entries.push(entry);
    log.entries.splice(0, log.entries.length - events);
    const { offset } = entry.position;
    const dropped = (log.due ?? 0) < entry.at ? dropOld(log, entry.at) : 0;
    if (!hasIds) return;
    log.ids.set(entry.eventId, offset);
    forgetIds(log, Math.max(dropped, offset - events));
  }

  /** Returns the offset of the last deleted entry, or 0. */
  function dropOld(log: Log, now: number): number {
    const first = log.entries.findIndex(({ until }) => until >= now);
    const dropped = log.entries.splice(0, first).at(-1);
    log.due = log.entries[0]?.until;
    if (dropped !== undefined) sealAt(log, dropped);
    return dropped?.position.offset ?? 0;
  }

  function sealAt(log: Log, { stream, position, event }: Entry): void {
    log.seal = { ...position, seal: sealOf(stream, position, event) };
  }

  function forgetIds({ ids }: Log, upTo: number): void {
    for (const [id, offset] of ids) if (offset <= upTo) ids.delete(id);
  }

  function enterSweep(kind: string, { seconds, keepsNewest }: SweepAllowance, now: number): void {
    const latest = now + seconds * 1000;
    for (const [stream, log] of logs) {
      if (kindOf(stream) !== kind || log.due === undefined) continue;
      if (log.due >= now && log.due <= latest) continue;
      sweepLog(log, { seconds, keepsNewest }, now);
    }
  }

  function sweepLog(log: Log, { seconds, keepsNewest }: SweepAllowance, now: number): void {
    let last: Entry | undefined;
    for (;;) {
      const [first] = log.entries;
      if (first === undefined || (keepsNewest && log.entries.length === 1)) {
        log.due = undefined;
        break;
      }
      const due = Math.min(first.until, first.at + seconds * 1000);
      if (due >= now) {
        log.due = due;
        break;
      }
      last = log.entries.shift();
    }
    if (last === undefined) return;
    sealAt(log, last);
    forgetIds(log, last.position.offset);
  }

  function next(
    stream: string,
    now: number,
    rest: Pick<Entry, 'eventId' | 'channel' | 'event' | 'until'>,
  ): Entry {
    const log = logs.get(stream);
    const position = { epoch: log?.epoch ?? `${now}`, offset: (log?.newest?.position.offset ?? 0) + 1 };
    const entry = { stream, position, at: now, parent: log?.newest, ...rest };
    observer.appended(entry);
    return entry;
  }

  function agree(key: string, proposal: string): string {
    const known = values.get(key);
    if (known !== undefined) return known;
    enter({ key, value: proposal });
    observer.agreed(proposal);
    return proposal;
  }

  for (const change of journal) enter(change);

  return {
    append({ channel, stream, allStream }, eventId, event, retention, now) {
      if (logs.get(stream)?.ids.has(eventId) === true) return undefined;
      const generation = agree(`${kindOf(stream)}:generation`, `of ${eventId} at ${now}`);
      const until = now + retention.seconds * 1000;
      const rest = { eventId, channel, event: Buffer.from(event), until };
      const own = next(stream, now, rest);
      const inAll = allStream === undefined ? undefined : next(allStream, now, rest);
      enter({ appended: inAll === undefined ? [own] : [own, inAll], retention });
      const envelope = formatEnvelope(own.position, inAll?.position, event, digestOf(generation));
      return { position: own.position, channel, payload: Buffer.from(envelope) };
    },
    sweep(agingKey, allowance, now) {
      const kind = kindOf(agingKey);
      if ([...logs.keys()].some((stream) => kindOf(stream) === kind)) enter({ swept: kind, allowance, now });
      return false;
    },
    agree,
    value: (key) => values.get(key),
    from(stream, { epoch, offset }, count) {
      const log = logs.get(stream);
      if (log === undefined) return [];
      const age = Number(log.epoch) - Number(epoch);
      if (age < 0) return [];
      const first = age > 0 ? 0 : log.entries.findIndex(({ position }) => position.offset >= offset);
      return first < 0 ? [] : log.entries.slice(first, first + count);
    },
    last: (stream) => logs.get(stream)?.entries.at(-1),
    seal: (stream) => logs.get(stream)?.seal,
    kept: (stream) => logs.get(stream)?.entries ?? NONE,
    newest: (stream) => logs.get(stream)?.newest,
    get size() {
      return changes.length;
    },
    copy: (lost) => createData(observer, changes.slice(0, Math.max(0, changes.length - lost))),
  };
}
