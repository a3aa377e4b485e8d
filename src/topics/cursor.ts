import { createHash } from 'node:crypto';
import type { LogPosition } from './position.ts';

/**
 * A position as clients carry it. Opaque; bound to its topic and to the very event that stands there, so that a cursor of
 * another topic, or of a log that went another way (lost its end in a fail-over, say), is recognised.
 */
export interface Cursor extends LogPosition {
  readonly seal: string;
}

/** The position before the first event of a log that is still empty. */
export const EMPTY_LOG: LogPosition = { epoch: '0', offset: 0 };

const WRITTEN = /^(\d{1,20})-(\d{1,15})-([0-9a-f]{16})$/;

/**
 * What a cursor's position looks like from within: it differs for every topic, position and event. contract/sweep.lua makes the
 * same seals, and Redis has no digest for its scripts but SHA-1: an accident does not find a second event of the same seal, and
 * nobody gains by one.
 * @param stream the topic's log.
 * @param content the event that stands there, as it was published; for an empty log its generation.
 */
export function sealOf(stream: string, { epoch, offset }: LogPosition, content: Buffer | string): string {
  const hash = createHash('sha1').update(`${stream}\n${epoch}\n${offset}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

export function writeCursor({ epoch, offset, seal }: Cursor): string {
  return Buffer.from(`${epoch}-${offset}-${seal}`).toString('base64url');
}

/**
 * Whether a cursor leads no further than another of the same log. Of two logs, or of two lives of one, nobody can say.
 * @param other may be anything that a client sent.
 */
export function isUpTo(cursor: string, other: string): boolean {
  const one = readCursor(cursor);
  const two = readCursor(other);
  if (one === undefined || two === undefined || one.epoch !== two.epoch) return false;
  return one.offset < two.offset || cursor === other;
}

/** What a client sent, if it can be a cursor at all. */
export function readCursor(written: string): Cursor | undefined {
  const match = WRITTEN.exec(Buffer.from(written, 'base64url').toString('latin1'));
  const [, epoch, offset, seal] = match ?? [];
  if (epoch === undefined || seal === undefined) return undefined;
  return { epoch, offset: Number(offset), seal };
}
