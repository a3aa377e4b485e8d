import type { EventOf, LiveEvent } from './event.ts';
import type { Hub } from './hub.ts';
import type { Topic } from './topic.ts';

export type Kpis = EventOf<'kpis'>;

export interface LatestKpis {
  /** The newest snapshot known for a topic of kind `kpis`. */
  get(topic: Topic): Kpis | undefined;
  close(): void;
}

/** How many units' snapshots are kept; beyond that the one updated longest ago is forgotten. */
const UNITS_KEPT = 10_000;
/** Stands for the snapshot of all units together; no unit id has an asterisk. */
const TOGETHER = '*';

/** Listens to all KPI topics from the start, so that whoever opens a dashboard sees the newest figures at once. */
export function keepLatestKpis(hub: Hub): LatestKpis {
  const latest = new Map<string, Kpis>();
  const listener = {
    onEvent({ kind, data }: LiveEvent) {
      if (kind !== 'kpis') return;
      const key = data.unitId ?? TOGETHER;
      latest.delete(key);
      latest.set(key, data);
      if (latest.size > UNITS_KEPT) {
        const [oldest] = latest.keys();
        if (oldest !== undefined) latest.delete(oldest);
      }
    },
  };
  const open = [
    hub.open({ kind: 'kpis', all: 'units' }, listener),
    hub.open({ kind: 'kpis', all: 'together' }, listener),
  ];
  return {
    get: (topic) => latest.get('unitId' in topic ? topic.unitId : TOGETHER),
    close() {
      for (const topic of open) topic.close();
    },
  };
}
