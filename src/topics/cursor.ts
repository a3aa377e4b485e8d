import type { SealedPosition } from '../bus/seal.ts';
import { LiveError } from '../errors.ts';

/**
 * A cursor is a sealed position as clients carry it: opaque to them, and bound to its topic and to the very event that stands
 * there. Example: `MTc5NTM1NzQxODM1NC00Mi0wMTIzNDU2Nzg5YWJjZGVm` is the position 42 of the log that was begun at 1795357418354,
 * with the seal `0123456789abcdef`.
 */
const WRITTEN = /^(\d{1,20})-(\d{1,15})-([0-9a-f]{16})$/;

export function writeCursor({ epoch, offset, seal }: SealedPosition): string {
  return Buffer.from(`${epoch}-${offset}-${seal}`).toString('base64url');
}

/**
 * Whether a cursor leads no further than another one of the same log. Cursors of two logs, or of two lives of one log, cannot be
 * compared: the answer is `false`.
 * @param other may be anything that a client sent.
 */
export function isUpTo(cursor: string, other: string): boolean {
  const one = readCursor(cursor);
  const two = readCursor(other);
  if (one === undefined || two === undefined || one.epoch !== two.epoch) return false;
  return one.offset < two.offset || cursor === other;
}

/** Reads a cursor that a client sent; `undefined`: it is none. */
export function readCursor(written: string): SealedPosition | undefined {
  const match = WRITTEN.exec(Buffer.from(written, 'base64url').toString('latin1'));
  const [, epoch, offset, seal] = match ?? [];
  if (epoch === undefined || seal === undefined) return undefined;
  return { epoch, offset: Number(offset), seal };
}

/** The events after a cursor cannot be had any more. */
export function cursorExpired(): LiveError {
  return new LiveError(
    'CURSOR_EXPIRED',
    'The events after this position are no longer known: refetch the data, then subscribe again.',
  );
}
