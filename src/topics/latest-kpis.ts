import type { Bus } from '../bus/bus.ts';
import type { Topic } from '../events/topic-names.ts';
import { isUpTo } from './cursor.ts';
import type { Hub } from './hub.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import type { OpenTopic, TopicListener } from './shared-topic.ts';
import { createSnapshotOrder, isOlder, type Kpis, type SnapshotOrder } from './snapshot-order.ts';
import { type SourceEvent, toSourceEvent } from './topic-source.ts';

interface Kept {
  /** With its position, also where the topic itself has not come so far: then it comes there again, and is recognised. */
  readonly snapshot: SourceEvent<'kpis'>;
  readonly order: SnapshotOrder;
}

export interface LatestKpis {
  /** The newest snapshot known for a topic of kind `kpis`. Throws `SERVICE_UNAVAILABLE`. */
  get(topic: Topic): Promise<Kpis | undefined>;
  /**
   * The same for a caller that has the topic open and knows what its log ends with.
   * @param order told of the newest time, which a snapshot that says none does not tell by itself.
   */
  newest(
    topic: Topic,
    logged: NewestSnapshot | undefined,
    order: Pick<SnapshotOrder, 'raise'>,
  ): SourceEvent<'kpis'> | undefined;
  close(): void;
}

/** Whether a snapshot stands in the log before another one. */
function standsBefore({ mark }: SourceEvent<'kpis'>, other: SourceEvent<'kpis'>): boolean {
  return mark !== undefined && other.mark !== undefined && isUpTo(mark.cursor, other.mark.cursor);
}

/** How many units' snapshots are kept; beyond that the one updated longest ago is forgotten. */
const UNITS_KEPT = 10_000;
/** Stands for the snapshot of all units together; no unit id has an asterisk. */
const TOGETHER = '*';

/**
 * Listens to all KPI topics from the start, so that whoever opens a dashboard sees the newest figures at once. What was
 * published before, or while Redis was away, is in the topics' logs, unless it was published bare.
 */
export function keepLatestKpis(hub: Hub, bus: Pick<Bus, 'onReconnect'>): LatestKpis {
  const latest = new Map<string, Kept>();
  /** Of which units the log was looked at and nothing can have been missed since: what is kept is the newest. */
  let known = new Set<string>();
  /** Of which units nothing can have been missed since a snapshot came. */
  let heard = new Set<string>();

  function keep(snapshot: SourceEvent<'kpis'>, newOrder = createSnapshotOrder()): void {
    const key = snapshot.data.unitId ?? TOGETHER;
    const order = latest.get(key)?.order ?? newOrder;
    heard.add(key);
    if (!order.accept(snapshot.data)) return;
    latest.delete(key);
    latest.set(key, { snapshot, order });
    if (latest.size <= UNITS_KEPT) return;
    const [oldest] = latest.keys();
    if (oldest === undefined) return;
    latest.delete(oldest);
    known.delete(oldest);
    heard.delete(oldest);
  }

  const listener: TopicListener = {
    onEvent(event) {
      const snapshot = toSourceEvent(event, { kind: 'kpis' });
      if (snapshot !== undefined) keep(snapshot);
    },
    onLost: () => undefined, // of the topics that are opened to look; the next snapshot makes up for all that were lost
  };
  const units = hub.open({ kind: 'kpis', all: 'units' }, listener);
  let together = listenTogether();

  function listenTogether(): OpenTopic {
    const onLost = (): void => {
      together = listenTogether();
    };
    return hub.open({ kind: 'kpis', all: 'together' }, { ...listener, onLost });
  }

  const stopListening = bus.onReconnect(() => {
    known = new Set();
    heard = new Set();
  });

  const newest: LatestKpis['newest'] = (topic, logged, order) => {
    const kept = latest.get(keyOf(topic));
    const chosen = choose(kept, logged, heard.has(keyOf(topic)));
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
  kept: Kept | undefined,
  logged: NewestSnapshot | undefined,
  isWhole: boolean,
): SourceEvent<'kpis'> | undefined {
  const inLog = logged?.event && toSourceEvent(logged.event, { kind: 'kpis' });
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
