import type { LiveClient } from '../connection/types.ts';
import type { Change } from '../query/kind.ts';
import type { Row } from '../query/rows.ts';

/** What a received change says of one entity. */
export interface NotedChange {
  readonly change: Change;
  /** As it is after the change. */
  readonly entity: Row;
}

/** An entity, by its kind as events name it (`request`) and its id. */
export interface Thing {
  readonly kind: string;
  readonly id: string;
}

/** The changes that a page has received, for all that is open and wants to know what has changed since then. */
export interface ChangeLog {
  /** The number of changes so far. */
  readonly position: number;
  note(change: Change): void;
  /**
   * Calls back with each change of a thing after `position`, until the returned function is called. Those that were noted before
   * this call come at once, as far as they are kept.
   */
  follow(
    thing: Thing,
    position: number,
    listener: (noted: NotedChange, position: number) => void,
  ): () => void;
}

/** A component follows right after it has been rendered for the first time. Only what is noted in between has to be kept. */
const KEPT = 200;

interface Follower {
  readonly thing: Thing;
  readonly listener: (noted: NotedChange, position: number) => void;
}

export function createChangeLog(): ChangeLog {
  const followers = new Set<Follower>();
  const kept: (NotedChange & { readonly position: number })[] = [];
  let last = 0;
  return {
    get position() {
      return last;
    },
    note(change) {
      for (const entity of change.entities) {
        last += 1;
        const noted = { change, entity };
        kept.push({ ...noted, position: last });
        if (kept.length > KEPT) kept.shift();
        for (const { thing, listener } of [...followers]) if (isAbout(noted, thing)) listener(noted, last);
      }
    },
    follow(thing, position, listener) {
      for (const noted of kept)
        if (noted.position > position && isAbout(noted, thing)) listener(noted, noted.position);
      const follower = { thing, listener };
      followers.add(follower);
      return () => void followers.delete(follower);
    },
  };
}

const isAbout = ({ change, entity }: NotedChange, { kind, id }: Thing): boolean =>
  change.kind.entity === kind && String(entity['id']) === id;

const logs = new WeakMap<LiveClient, ChangeLog>();

/** The one log of a client: the live hooks write it, `useChangedMeanwhile` reads it. */
export function changeLogOf(client: LiveClient): ChangeLog {
  const known = logs.get(client) ?? createChangeLog();
  logs.set(client, known);
  return known;
}
