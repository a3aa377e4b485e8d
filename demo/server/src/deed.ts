import type { Desk } from './desk.ts';
import type { Manner } from './pace.ts';
import type { Staff, UnitId } from './users.ts';

/** A unit at work. */
export interface Workplace {
  readonly desk: Desk;
  readonly unitId: UnitId;
  readonly staff: Staff;
  readonly manner: Manner;
}

/** What somebody in a unit can do. */
export interface Deed {
  /** How often it is done, against the others. */
  readonly weight: number;
  /** The kinds of event that it publishes, besides those that every deed does (audit, KPIs). */
  readonly publishes: readonly ('request' | 'crate' | 'sendback' | 'storage')[];
  /** Looks for something to do it to, changing nothing; `undefined` if there is nothing. */
  find(workplace: Workplace): (() => void) | undefined;
}
