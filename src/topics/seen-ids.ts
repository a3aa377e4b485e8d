import type { ReadEvent } from './log-delivery.ts';

/** How many event ids of a topic are remembered, to drop a second event with the same id. */
const IDS_REMEMBERED = 4096;

/** Makes readers of events that share one memory: an event whose id any of them has read before is not read again. */
export function readEachOnce(): (read: ReadEvent) => ReadEvent {
  const isNew = rememberIds(IDS_REMEMBERED);
  return (read) => (channel, payload) => {
    const event = read(channel, payload);
    return event !== undefined && isNew(`${channel} ${event.data.id}`) ? event : undefined;
  };
}

/** Answers whether an id is new among the last `capacity` ones. */
function rememberIds(capacity: number): (id: string) => boolean {
  const seen = new Set<string>();
  /** The same in the order they came, the newest before `next`. To ask the set for its oldest, V8 passes all that were deleted. */
  const order: string[] = [];
  let next = 0;
  return (id) => {
    if (seen.has(id)) return false;
    const oldest = order[next];
    if (oldest !== undefined) seen.delete(oldest);
    seen.add(id);
    order[next] = id;
    next = (next + 1) % capacity;
    return true;
  };
}
