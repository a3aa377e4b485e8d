import type { Bus, LogEntry } from '../bus/bus.ts';
import type { LogPosition } from '../bus/position.ts';
import { sealOf } from '../bus/seal.ts';
import type { Logger } from '../log.ts';
import { writeCursor } from './cursor.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { retry } from './retry.ts';
import { createSnapshotOrder } from './snapshot-order.ts';

/**
 * How many entries from the end of a log are looked at for the newest snapshot. Two workers that count at the same time can swap a
 * few snapshots, so the newest one is always near the end.
 */
const LOOKED_AT = 100;

/** The newest snapshot of a topic, which need not be the one that came last. */
export interface NewestSnapshot {
  readonly event: TopicEvent | undefined;
  /** The newest time so far: that of the event, if it has one. */
  readonly time: string | null;
  /** Takes the next event of the topic. */
  offer(event: TopicEvent | undefined): void;
}

export function createNewestSnapshot(): NewestSnapshot {
  const order = createSnapshotOrder();
  let newest: TopicEvent | undefined;
  return {
    get event() {
      return newest;
    },
    get time() {
      return order.time;
    },
    offer(offered) {
      if (offered?.event !== undefined && order.accept(offered.event)) newest = offered;
    },
  };
}

/** Finds the newest snapshot among the last entries of a log, by one read. */
export async function findNewestSnapshot(
  bus: Pick<Bus, 'readFrom'>,
  stream: string,
  last: LogPosition,
  reread: ReadEvent,
): Promise<NewestSnapshot> {
  const newest = createNewestSnapshot();
  if (last.offset === 0) return newest;
  const from = { ...last, offset: Math.max(1, last.offset - LOOKED_AT + 1) };
  const toTopicEvent = ({ position, channel, event, appendedBy }: LogEntry): TopicEvent => ({
    event: reread(channel, event),
    offset: position.offset,
    cursor: writeCursor({ ...position, seal: sealOf(stream, position, event) }),
    appendedBy,
  });
  for (const entry of await bus.readFrom(stream, from, LOOKED_AT)) newest.offer(toTopicEvent(entry));
  return newest;
}

/** The newest snapshot of an open topic. */
export interface KeptSnapshot {
  readonly newest: NewestSnapshot;
  /** Takes the next event of the topic. */
  offer(event: TopicEvent): void;
  /** Looks in the log, once its end was found: the snapshot that came last may be older than one before it. Rejects as {@link retry} does. */
  lookBack(): Promise<void>;
}

export interface KeptSnapshotOptions {
  readonly bus: Pick<Bus, 'readFrom'>;
  readonly stream: string;
  readonly topicLog: { readonly last: LogPosition };
  readonly reread: ReadEvent;
  readonly isWanted: () => boolean;
  readonly log: Logger;
}

export function keepNewestSnapshot(options: KeptSnapshotOptions): KeptSnapshot {
  const { bus, stream, topicLog, reread, isWanted, log } = options;
  let newest = createNewestSnapshot();
  return {
    get newest() {
      return newest;
    },
    offer: (event) => newest.offer(event),
    async lookBack() {
      const { last } = topicLog;
      const found = await retry(() => findNewestSnapshot(bus, stream, last, reread), {
        isWanted,
        onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
      });
      found.offer(newest.event); // what came meanwhile
      newest = found;
    },
  };
}
