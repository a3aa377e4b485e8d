import type { Bus } from '../bus/bus.ts';
import type { EventData, EventKinds } from '../events/kinds.ts';
import type { Topic } from '../events/topic-names.ts';
import { isUpTo } from './cursor.ts';
import type { Hub } from './hub.ts';
import type { TopicListener } from './listeners.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import type { OpenTopic } from './shared-topic.ts';
import { createSnapshotOrder, isOlder, type SnapshotOrder } from './snapshot-order.ts';
import { type SourceEvent, toSourceEvent } from './source-event.ts';

interface Kept {
  /** It carries its position, which the topic itself may not have reached yet. When it comes there again, it is recognised by that. */
  readonly snapshot: SourceEvent;
  readonly order: SnapshotOrder;
}

/** The newest snapshots of the kinds that are `newestOnly`. */
export interface LatestSnapshots {
  /** The newest snapshot known for a topic. Throws `SERVICE_UNAVAILABLE`. */
  get(topic: Topic): Promise<EventData | undefined>;
  /**
   * The same for a caller that has the topic open and knows what its log ends with.
   * @param order learns the newest time, since a snapshot without a time does not show it.
   */
  newest(
    topic: Topic,
    logged: NewestSnapshot | undefined,
    order: Pick<SnapshotOrder, 'raise'>,
  ): SourceEvent | undefined;
  close(): void;
}

/** Whether a snapshot stands in the log before another one. */
function standsBefore({ position }: SourceEvent, other: SourceEvent): boolean {
  return (
    position !== undefined && other.position !== undefined && isUpTo(position.cursor, other.position.cursor)
  );
}

/** How many units' snapshots are kept; beyond that the one updated longest ago is forgotten. */
const UNITS_KEPT = 10_000;
/** Stands for the snapshot of all units together; no unit id has an asterisk. */
const TOGETHER = '*';

/**
 * Listens to all topics of snapshots from the start, so that a new subscriber gets the newest one at once. What was published
 * before, or while Redis was away, is in the topics' logs, unless it was published bare.
 */
export function keepLatestSnapshots(
  hub: Hub,
  bus: Pick<Bus, 'onReconnect'>,
  kinds: EventKinds,
): LatestSnapshots {
  const kept = new Map(
    [...kinds.values()]
      .filter(({ isNewestOnly }) => isNewestOnly)
      .map(({ kind }) => [kind, keepKind(hub, bus, kind)] as const),
  );
  function of({ kind }: Topic): LatestSnapshots {
    const found = kept.get(kind);
    if (found === undefined) throw new Error(`Events of kind ${kind} are no snapshots.`);
    return found;
  }
  return {
    get: (topic) => of(topic).get(topic),
    newest: (topic, logged, order) => of(topic).newest(topic, logged, order),
    close() {
      for (const one of kept.values()) one.close();
    },
  };
}

function keepKind(hub: Hub, bus: Pick<Bus, 'onReconnect'>, kind: string): LatestSnapshots {
  const latest = new Map<string, Kept>();
  /** The units whose log was read, and of which nothing can have been missed since: what is kept is the newest. */
  let known = new Set<string>();
  /** The units of which a snapshot came, and nothing can have been missed since. */
  let received = new Set<string>();

  function keep(snapshot: SourceEvent, newOrder = createSnapshotOrder()): void {
    const key = String(snapshot.data['unitId'] ?? TOGETHER);
    const order = latest.get(key)?.order ?? newOrder;
    received.add(key);
    if (!order.accept(snapshot)) return;
    latest.delete(key);
    latest.set(key, { snapshot, order });
    if (latest.size <= UNITS_KEPT) return;
    const [oldest] = latest.keys();
    if (oldest === undefined) return;
    latest.delete(oldest);
    known.delete(oldest);
    received.delete(oldest);
  }

  const listener: TopicListener = {
    onEvent(event) {
      const snapshot = toSourceEvent(event, { kind });
      if (snapshot !== undefined) keep(snapshot);
    },
    onLost: () => undefined, // the next snapshot makes up for all that were lost
  };
  const units = hub.open({ kind, all: 'units' }, listener);
  let together = listenTogether();

  function listenTogether(): OpenTopic {
    const onLost = (): void => {
      together = listenTogether();
    };
    return hub.open({ kind, all: 'together' }, { ...listener, onLost });
  }

  const stopListening = bus.onReconnect(() => {
    known = new Set();
    received = new Set();
  });

  const newest: LatestSnapshots['newest'] = (topic, logged, order) => {
    const kept = latest.get(keyOf(topic));
    const chosen = choose(kind, kept, logged, received.has(keyOf(topic)));
    if (kept !== undefined) order.raise(kept.order); // not before the choice: it may be the order of what is kept
    if (logged !== undefined) order.raise(logged);
    return chosen;
  };

  return {
    async get(topic) {
      const key = keyOf(topic);
      if (known.has(key)) return latest.get(key)?.snapshot.data;
      const open = hub.open(topic, listener);
      try {
        await open.ready;
        const order = latest.get(key)?.order ?? createSnapshotOrder();
        const snapshot = newest(topic, open.newest, order);
        if (snapshot === undefined) return undefined;
        keep(snapshot, order);
        known.add(key);
        return snapshot.data;
      } finally {
        open.close();
      }
    },
    newest,
    close() {
      stopListening();
      units.close();
      together.close();
    },
  };
}

/**
 * The newer of what is kept and what the log has.
 * @param isWhole whether nothing can have been missed since what is kept came: of equal times it is then the later one.
 */
function choose(
  kind: string,
  kept: Kept | undefined,
  logged: NewestSnapshot | undefined,
  isWhole: boolean,
): SourceEvent | undefined {
  const inLog = logged?.event && toSourceEvent(logged.event, { kind });
  if (kept === undefined || kept.snapshot.data.id === inLog?.data.id) return inLog;
  const isLogNewer =
    inLog !== undefined &&
    logged !== undefined &&
    (isOlder(kept.order, logged) ||
      (!isOlder(logged, kept.order) && (!isWhole || standsBefore(kept.snapshot, inLog))));
  return isLogNewer ? inLog : kept.snapshot;
}

function keyOf(topic: Topic): string {
  return 'unitId' in topic ? topic.unitId : TOGETHER;
}
