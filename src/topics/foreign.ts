import type { Health } from '../health.ts';

/** Whether somebody who uses another Redis, or another database of ours, publishes under our prefix. */
export interface ForeignPublishers {
  /** A message of another installation has come. */
  notice(): void;
  /** Whether such a message has come in the last minutes. If not, messages that do not show their origin are accepted. */
  readonly areNoticed: boolean;
  /** Ends the trouble if no such message has come for long enough. To be called now and then. */
  look(): void;
}

/** For metrics. */
export interface ForeignObserver {
  foreignMessage(): void;
}

/** The trouble is over this long after the last such message, in milliseconds. */
export const QUIET_MS = 300_000;

/**
 * Redis Pub/Sub reaches all databases of a server; keys do not. So if two installations share a Redis and a prefix, each receives
 * what the other publishes.
 */
export function watchForeignPublishers(
  prefix: string,
  health: Pick<Health, 'report'>,
  observer: ForeignObserver,
): ForeignPublishers {
  let noticedAt: number | undefined;
  const reason =
    `somebody else publishes under our TOPIC_PREFIX (${prefix}): another installation on this Redis, such as one that ` +
    'uses another database number, which Pub/Sub ignores. Give each installation a TOPIC_PREFIX of its own, or a Redis. ' +
    'Until then nothing of theirs is delivered, bare messages are refused, and session messages are checked against the record';
  return {
    notice() {
      observer.foreignMessage();
      noticedAt = performance.now();
      health.report('foreign-publisher', { reason, isBlocking: false });
    },
    get areNoticed() {
      return noticedAt !== undefined;
    },
    look() {
      if (noticedAt === undefined || performance.now() - noticedAt < QUIET_MS) return;
      noticedAt = undefined;
      health.report('foreign-publisher', undefined);
    },
  };
}
