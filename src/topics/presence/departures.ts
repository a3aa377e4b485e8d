import type { EventKind } from '../../events/kinds.ts';
import { groupByThing, isEnd } from '../fold-events.ts';
import type { Hub } from '../hub.ts';
import type { TopicEvent } from '../log-tail.ts';
import { readWindow } from '../log-window.ts';

/** Follows the events of units for objects that move out of them, or are deleted. */
export interface Departures {
  /** Follows these units from now on, and no others. */
  follow(units: Iterable<string>): void;
  /** Whether an object is known to have left a unit that is followed, and not to be back. */
  hasLeft(unitId: string, objectId: string): boolean;
}

export interface DeparturesOptions {
  readonly kind: EventKind;
  readonly hub: Pick<Hub, 'open'>;
  /** An object is no longer in a unit. */
  readonly onGone: (unitId: string, objectId: string) => void;
}

/** How far back the log is read for objects that left a unit before anybody was there, in milliseconds: a page may not know it yet. */
const PAST_MS = 60_000;
/** How many objects are remembered that have left a unit. */
const MAX_LEFT = 1000;

/**
 * What happens while Redis is away is read from the log afterwards. Only what the log has lost, or what happened long before, is missed: a
 * face is then there until its operation ends.
 */
export function watchDepartures({ kind, hub, onGone }: DeparturesOptions): Departures {
  const open = new Map<string, FollowedUnit>();

  function openUnit(unitId: string): void {
    const topic = { kind: kind.kind, unitId };
    const left = new Set<string>();
    /** The objects of events that come while the past is read: of these the past is out of date. `undefined`: it has been read. */
    let newer: Set<string> | undefined = new Set();
    const stop = new AbortController();

    function take({ event }: TopicEvent): void {
      if (event === undefined) return;
      for (const { id } of kind.entitiesOf(event.data)) {
        newer?.add(id);
        if (isEnd(event, true)) add(id);
        else left.delete(id);
      }
    }

    function add(id: string): void {
      left.add(id);
      for (const oldest of left) {
        if (left.size <= MAX_LEFT) break;
        left.delete(oldest);
      }
      onGone(unitId, id);
    }

    async function readPast(): Promise<void> {
      const { events } = await readWindow(hub, topic, PAST_MS, stop.signal);
      for (const [id, happenings] of groupByThing(kind, events)) {
        const last = happenings.at(-1);
        if (last !== undefined && isEnd(last.event, true) && newer?.has(id) !== true) add(id);
      }
    }

    const onLost = (): void => {
      if (open.has(unitId)) openUnit(unitId);
    };
    const events = hub.open(topic, { onEvent: take, onLost });
    open.get(unitId)?.close();
    open.set(unitId, {
      hasLeft: (id) => left.has(id),
      close() {
        stop.abort();
        events.close();
      },
    });
    void readPast()
      .catch(() => undefined)
      .finally(() => {
        newer = undefined;
      });
  }

  return {
    follow(units) {
      const wanted = new Set(units);
      for (const [unitId, unit] of open) {
        if (wanted.has(unitId)) continue;
        open.delete(unitId);
        unit.close();
      }
      for (const unitId of wanted) if (!open.has(unitId)) openUnit(unitId);
    },
    hasLeft: (unitId, objectId) => open.get(unitId)?.hasLeft(objectId) === true,
  };
}

interface FollowedUnit {
  hasLeft(objectId: string): boolean;
  close(): void;
}
