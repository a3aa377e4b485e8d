import type { Bus } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { EventKind } from './event.ts';
import type { Rejection } from './read-message.ts';
import type { TopicNames } from './topic.ts';

/** What becomes of a message that breaks the contract: it is counted, told to the operator, and kept. */
export interface Refusals {
  /** @param kind the kind of its topic, if that is known. */
  refuse(topic: string, payload: Buffer, rejection: Rejection, kind?: EventKind): void;
}

/** For metrics. */
export interface RefusalObserver {
  eventRejected(kind: EventKind | 'unknown'): void;
}

/** A publisher gone wild is counted whole, but kept and logged only so many times in a second. */
const KEPT_PER_SECOND = 20;

export function createRefusals(
  bus: Bus,
  names: TopicNames,
  observer: RefusalObserver,
  log: Logger,
): Refusals {
  let second = 0;
  let keptInSecond = 0;

  function isTooMany(): boolean {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) keptInSecond = 0;
    second = now;
    keptInSecond += 1;
    return keptInSecond > KEPT_PER_SECOND;
  }

  return {
    refuse(topic, payload, { reason, detail }, kind) {
      observer.eventRejected(kind ?? 'unknown');
      if (isTooMany()) return;
      log.warn({ topic, reason, detail }, 'refused a message');
      bus
        .keepDeadLetter(names.deadLetters, { topic, reason, detail, payload })
        .catch((error: unknown) =>
          log.warn({ reason: messageOf(error) }, 'could not keep a refused message'),
        );
    },
  };
}
