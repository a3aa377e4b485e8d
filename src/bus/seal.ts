import { createHash } from 'node:crypto';
import type { LogPosition } from './position.ts';

/**
 * A position together with what stands there: so that the position in another topic's log, or in a log that went another way
 * (lost its end in a fail-over, say), is recognised as another one.
 */
export interface SealedPosition extends LogPosition {
  readonly seal: string;
}

/**
 * The seal of a position: it differs for every topic, position and event. contract/sweep.lua makes the same seals, and Redis
 * offers its scripts no digest but SHA-1: an accident does not find a second event of the same seal, and nobody gains by one.
 * @param stream the topic's log.
 * @param content the event that stands there, as it was published; for an empty log its generation.
 */
export function sealOf(stream: string, { epoch, offset }: LogPosition, content: Buffer | string): string {
  const hash = createHash('sha1').update(`${stream}\n${epoch}\n${offset}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}
