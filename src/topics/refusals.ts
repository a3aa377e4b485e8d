import type { Bus } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';
import type { Rejection } from './read-message.ts';

/** What becomes of a message that breaks the contract: it is counted, told to the operator, and kept. */
export interface Refusals {
  /** @param kind the kind of its topic, if that is known. */
  refuse(topic: string, payload: Buffer, rejection: Rejection, kind?: string): void;
}

/** For metrics. */
export interface RefusalObserver {
  eventRejected(kind: string): void;
}

/** A publisher gone wild is counted whole, but kept and logged only so often: so many at once … */
const BURST = 2000;
/** … and then so many in a second. */
const PER_SECOND = 20;

export function createRefusals(
  bus: Bus,
  names: TopicNames,
  observer: RefusalObserver,
  log: Logger,
): Refusals {
  let allowance = BURST;
  let refilledAt = performance.now();

  function isAllowed(): boolean {
    const now = performance.now();
    allowance = Math.min(BURST, allowance + ((now - refilledAt) / 1000) * PER_SECOND);
    refilledAt = now;
    if (allowance < 1) return false;
    allowance -= 1;
    return true;
  }

  return {
    refuse(topic, payload, { reason, detail }, kind) {
      observer.eventRejected(kind ?? 'unknown');
      if (!isAllowed()) return;
      log.warn({ topic, reason, detail }, 'refused a message');
      bus
        .keepDeadLetter(names.deadLetters, { topic, reason, detail, payload })
        .catch((error: unknown) =>
          log.warn({ reason: messageOf(error) }, 'could not keep a refused message'),
        );
    },
  };
}
