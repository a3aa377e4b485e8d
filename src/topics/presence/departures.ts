import type { EventKind } from '../../events/kinds.ts';
import { isEnd } from '../fold-events.ts';
import type { Hub } from '../hub.ts';
import type { TopicEvent } from '../log-tail.ts';

/** Follows the events of units for objects that move out of them, or are deleted. */
export interface Departures {
  /** Follows these units from now on, and no others. */
  follow(units: Iterable<string>): void;
}

export interface DeparturesOptions {
  readonly kind: EventKind;
  readonly hub: Pick<Hub, 'open'>;
  /** An object is no longer in a unit. */
  readonly onGone: (unitId: string, objectId: string) => void;
}

/** What happens while Redis is away is read from the log afterwards. Only what the log has lost is missed: a face is then there until its operation ends. */
export function watchDepartures({ kind, hub, onGone }: DeparturesOptions): Departures {
  const open = new Map<string, { close(): void }>();

  function openUnit(unitId: string): void {
    const onEvent = ({ event }: TopicEvent): void => {
      if (event === undefined || !isEnd(event, true)) return;
      for (const { id } of kind.entitiesOf(event.data)) onGone(unitId, id);
    };
    const onLost = (): void => {
      if (open.has(unitId)) openUnit(unitId);
    };
    open.set(unitId, hub.open({ kind: kind.kind, unitId }, { onEvent, onLost }));
  }

  return {
    follow(units) {
      const wanted = new Set(units);
      for (const [unitId, topic] of open) {
        if (wanted.has(unitId)) continue;
        open.delete(unitId);
        topic.close();
      }
      for (const unitId of wanted) if (!open.has(unitId)) openUnit(unitId);
    },
  };
}
