import type { Bus } from '../bus/bus.ts';
import { isUpTo } from '../topics/cursor.ts';
import type { EventOf } from '../topics/event.ts';
import type { Hub } from '../topics/hub.ts';
import type { OpenTopic, TopicListener } from '../topics/shared-topic.ts';
import type { Topic } from '../topics/topic.ts';
import type { TopicEvent } from '../topics/topic-log.ts';
import { type SourceEvent, toSourceEvent } from './topic-source.ts';

export type Kpis = EventOf<'kpis'>;

export interface LatestKpis {
  /** The newest snapshot known for a topic of kind `kpis`. Throws `SERVICE_UNAVAILABLE`. */
  get(topic: Topic): Promise<Kpis | undefined>;
  /** The same for whoever has the topic open and knows what its log ends with. */
  newest(topic: Topic, logged: TopicEvent | undefined): Promise<SourceEvent<'kpis'> | undefined>;
  close(): void;
}

/** Whether a snapshot was computed no later than another; of one that does not say when, nobody knows. */
export function isNoNewer({ computedAt }: Kpis, other: Kpis): boolean {
  return computedAt !== null && other.computedAt !== null && computedAt <= other.computedAt;
}

/** By when they were computed; of the same instant, by where they stand in the log. */
function isNewer({ data, mark }: SourceEvent<'kpis'>, than: SourceEvent<'kpis'>): boolean {
  const [one, other] = [data.computedAt ?? '', than.data.computedAt ?? ''];
  if (one !== other) return one > other;
  return mark !== undefined && than.mark !== undefined && isUpTo(than.mark.cursor, mark.cursor);
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
  const latest = new Map<string, SourceEvent<'kpis'>>();
  /** Whether nothing can have been missed since a snapshot was kept. */
  let fresh = new Set<string>();

  function keep(snapshot: SourceEvent<'kpis'>): void {
    const key = snapshot.data.unitId ?? TOGETHER;
    latest.delete(key);
    latest.set(key, snapshot);
    fresh.add(key);
    if (latest.size <= UNITS_KEPT) return;
    const [oldest] = latest.keys();
    if (oldest === undefined) return;
    latest.delete(oldest);
    fresh.delete(oldest);
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
    fresh = new Set();
  });

  function newest(topic: Topic, logged: TopicEvent | undefined): SourceEvent<'kpis'> | undefined {
    const kept = latest.get(keyOf(topic));
    const inLog = logged && toSourceEvent(logged, { kind: 'kpis' });
    if (kept === undefined || kept.data.id === inLog?.data.id) return inLog;
    return inLog !== undefined && isNewer(inLog, kept) ? inLog : kept;
  }

  return {
    async get(topic) {
      const key = keyOf(topic);
      if (fresh.has(key)) return latest.get(key)?.data;
      const open = hub.open(topic, listener);
      try {
        await open.ready;
        const snapshot = newest(topic, open.newest);
        if (snapshot !== undefined) keep(snapshot);
        return snapshot?.data;
      } finally {
        open.close();
      }
    },
    newest: async (topic, logged) => newest(topic, logged),
    close() {
      stopListening();
      units.close();
      together.close();
    },
  };
}

function keyOf(topic: Topic): string {
  return 'unitId' in topic ? topic.unitId : TOGETHER;
}
