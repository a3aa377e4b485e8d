import { createHash } from 'node:crypto';
import type { LogPosition } from './position.ts';

/**
 * A position, sealed with the event that stands there. The same position has another seal in another topic's log, and in a log that
 * went another way, for example because a fail-over lost its end.
 */
export interface SealedPosition extends LogPosition {
  readonly seal: string;
}

/** What is left of an entry that was deleted for its age. */
export interface SealedEntry extends SealedPosition {
  /** It was appended at this time or before, by `performance.now()`. `undefined`: that is not on record. */
  readonly appendedBy?: number;
}

/**
 * The seal of a position: it differs for every topic, position and event. contract/sweep.lua makes the same seals, and SHA-1 is the
 * only digest that Redis offers its scripts. It is enough: two events do not get the same seal by accident, and nobody gains by
 * making them.
 * @param stream the topic's log.
 * @param content the event that stands there, as it was published; for an empty log its generation.
 */
export function sealOf(stream: string, { epoch, offset }: LogPosition, content: Buffer | string): string {
  const hash = createHash('sha1').update(`${stream}\n${epoch}\n${offset}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}
