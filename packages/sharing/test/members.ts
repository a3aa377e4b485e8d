import { type Batch, createBatch, createFrame } from '../src/batch.ts';
import { Member } from '../src/member.ts';

/** Results with these counts, all of one turn. */
export function batchOf(...counts: number[]): Batch {
  return createBatch(
    counts.map((count) => createFrame({ data: { count } }, undefined)),
    false,
  );
}

/** A member without an audience. */
export function memberOf(maxWaiting: number, onLeave: () => void = () => undefined): Member {
  return new Member({ maxWaiting, context: {}, onLeave, cursorOf: () => undefined });
}
