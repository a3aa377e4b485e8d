import type { Received } from './query-writer.ts';

/** An entity: its kind as in `patches` (`request`), and its id. */
export interface HeldEntity {
  readonly entity: string;
  readonly id: string;
}

/** Keeps the events about entities back while the page shows what the user has just done to them. */
export interface Holds {
  /** Holds an entity until `release`. If its mutation has failed, its events are released at once. */
  hold(held: HeldEntity): Hold;
  /** Keeps an event back if it is about an entity that is held. */
  keep(received: Received): boolean;
  held(): readonly HeldEntity[];
  stop(): void;
}

export interface Hold {
  release(how: { readonly hasFailed: boolean }): void;
}

export interface HoldListener {
  /**
   * The events about an entity are written now.
   * @param isUncertain the last of them may be older than what the page shows.
   */
  released(received: readonly Received[], isUncertain: boolean): void;
}

interface Kept extends HeldEntity {
  holds: number;
  received: Received[];
  /** How many of them came before the mutation had ended. */
  beforeEnd: number;
  timer: ReturnType<typeof setTimeout>;
}

/** A hold that is never released, or whose mutation hangs, ends after this. */
const MOST_MS = 30_000;
/** The event of a mutation may be later than its answer. Until then older events would show again what was before. */
const OWN_EVENT_MS = 1000;

export function createHolds({ released }: HoldListener): Holds {
  const all = new Map<string, Kept>();

  function begin(held: HeldEntity): Kept {
    const known = all.get(keyOf(held));
    const kept = known ?? { ...held, holds: 0, received: [], beforeEnd: 0, timer: setTimeout(() => {}) };
    clearTimeout(kept.timer);
    kept.holds += 1;
    kept.timer = setTimeout(() => end(kept), MOST_MS);
    all.set(keyOf(held), kept);
    return kept;
  }

  function end(kept: Kept): void {
    clearTimeout(kept.timer);
    if (all.get(keyOf(kept)) !== kept) return;
    all.delete(keyOf(kept));
    const { received, beforeEnd, holds } = kept;
    released(received, holds === 0 && received.length > 0 && received.length === beforeEnd);
  }

  function release(kept: Kept, hasFailed: boolean): void {
    kept.holds -= 1;
    if (kept.holds > 0 || all.get(keyOf(kept)) !== kept) return;
    clearTimeout(kept.timer);
    kept.beforeEnd = hasFailed ? -1 : kept.received.length;
    if (hasFailed) end(kept);
    else kept.timer = setTimeout(() => end(kept), OWN_EVENT_MS);
  }

  return {
    hold(held) {
      const kept = begin(held);
      let isHeld = true;
      return {
        release({ hasFailed }) {
          if (!isHeld) return;
          isHeld = false;
          release(kept, hasFailed);
        },
      };
    },
    keep(received) {
      const { kind, entities } = received.change;
      for (const { id } of entities) {
        const kept = all.get(keyOf({ entity: kind.entity, id: String(id) }));
        if (kept === undefined) continue;
        kept.received.push(received);
        return true;
      }
      return false;
    },
    held: () => [...all.values()],
    stop() {
      for (const kept of all.values()) clearTimeout(kept.timer);
      all.clear();
    },
  };
}

const keyOf = ({ entity, id }: HeldEntity): string => `${entity}:${id}`;
