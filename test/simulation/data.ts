import type { LogEntry, Retention } from '../../src/bus/bus.ts';
import { formatEnvelope, type LogPosition } from '../../src/topics/position.ts';
import type { LogKeys } from '../../src/topics/topic.ts';

/** An event at its position in a log, and what came before it: where a log goes two ways, two entries have one parent. */
export interface Entry extends LogEntry {
  readonly stream: string;
  readonly eventId: string;
  readonly at: number;
  readonly parent: Entry | undefined;
}

interface Log {
  readonly epoch: string;
  newest: Entry | undefined;
  /** Those that are kept. */
  entries: Entry[];
}

/** One change of the data, as a replica or a file on disk has it or has not. */
type Change =
  | { readonly entries: readonly Entry[]; readonly idKey: string; readonly retention: Retention }
  | { readonly key: string; readonly value: string };

export interface Appended {
  readonly position: LogPosition;
  readonly channel: string;
  readonly payload: Buffer;
}

/** What a Redis holds of logs, with the semantics of contract/append-event.lua. */
export interface Data {
  /** `undefined`: an event with this id was appended before. */
  append(
    keys: LogKeys,
    eventId: string,
    event: string,
    retention: Retention,
    now: number,
  ): Appended | undefined;
  /** The value of a key that is set for good, by the first who asks. */
  agree(key: string, proposal: string): string;
  value(key: string): string | undefined;
  /** The entries that are kept, of positions from this one on. */
  from(stream: string, position: LogPosition, count: number): readonly Entry[];
  last(stream: string): Entry | undefined;
  /** Drops what is older than `seconds` in all logs, but each log's newest. Answers how many went. */
  sweep(seconds: number, now: number): number;
  /** The number of changes. */
  readonly size: number;
  /** A copy that lacks the newest `lost` changes. */
  copy(lost: number): Data;
}

/** Is told of what is new, but not of what is copied. */
export interface DataObserver {
  appended(entry: Entry): void;
  /** A key got its value for good. */
  agreed(value: string): void;
}

export function createData(observer: DataObserver, journal: readonly Change[] = []): Data {
  const logs = new Map<string, Log>();
  const ids = new Map<string, number>();
  const values = new Map<string, string>();
  const changes: Change[] = [];

  function enter(change: Change): void {
    changes.push(change);
    if ('key' in change) {
      values.set(change.key, change.value);
      return;
    }
    for (const entry of change.entries) {
      ids.set(change.idKey, entry.at + change.retention.seconds * 1000);
      const log = logs.get(entry.stream) ?? { epoch: entry.position.epoch, newest: undefined, entries: [] };
      logs.set(entry.stream, log);
      log.newest = entry;
      log.entries.push(entry);
      trim(log, entry.at - change.retention.seconds * 1000);
      log.entries.splice(0, log.entries.length - change.retention.events);
    }
  }

  function next(stream: string, now: number, rest: Pick<Entry, 'eventId' | 'channel' | 'event'>): Entry {
    const log = logs.get(stream);
    const position = { epoch: log?.epoch ?? `${now}`, offset: (log?.newest?.position.offset ?? 0) + 1 };
    const entry = { stream, position, at: now, parent: log?.newest, ...rest };
    observer.appended(entry);
    return entry;
  }

  for (const change of journal) enter(change);

  return {
    append({ channel, stream, idPrefix, allStream }, eventId, event, retention, now) {
      const idKey = idPrefix + eventId;
      if ((ids.get(idKey) ?? 0) > now) return undefined;
      const rest = { eventId, channel, event: Buffer.from(event) };
      const own = next(stream, now, rest);
      const inAll = allStream === undefined ? undefined : next(allStream, now, rest);
      enter({ entries: inAll === undefined ? [own] : [own, inAll], idKey, retention });
      const payload = Buffer.from(formatEnvelope(own.position, inAll?.position, event));
      return { position: own.position, channel, payload };
    },
    agree(key, proposal) {
      const known = values.get(key);
      if (known !== undefined) return known;
      enter({ key, value: proposal });
      observer.agreed(proposal);
      return proposal;
    },
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
    sweep(seconds, now) {
      const before = sizeOf(logs);
      for (const log of logs.values()) trim(log, now - seconds * 1000);
      return before - sizeOf(logs);
    },
    get size() {
      return changes.length;
    },
    copy: (lost) => createData(observer, changes.slice(0, Math.max(0, changes.length - lost))),
  };
}

/** Drops what is older, but the newest. */
function trim({ entries }: Log, oldest: number): void {
  const first = entries.findIndex(({ at }, index) => at >= oldest || index === entries.length - 1);
  entries.splice(0, first);
}

function sizeOf(logs: ReadonlyMap<string, Log>): number {
  let size = 0;
  for (const { entries } of logs.values()) size += entries.length;
  return size;
}
