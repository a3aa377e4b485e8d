/** How the simulated colleagues work. */
export interface Manner {
  /** How many pending requests of a unit are left to be approved by a visitor. */
  readonly pendingKept: number;
  /** How many that were sent back are left to be corrected by a visitor. */
  readonly sentBackKept: number;
  /** How many requests of a unit are under way at most, as far as the colleagues make them. */
  readonly mostOpen: number;
}

interface Working extends Manner {
  /** From one deed to the next, in milliseconds; all units share them. */
  readonly pauseMs: number;
}

/**
 * - `busy`: short enough that a subscriber to one kind of event of one unit gets one within about two seconds.
 * - `calm`: for somebody who works beside the colleagues, and wants to read what is there.
 * - `paused`: they do nothing.
 */
export const PACES = {
  busy: { pauseMs: 250, pendingKept: 4, sentBackKept: 0, mostOpen: 10 },
  calm: { pauseMs: 3000, pendingKept: 5, sentBackKept: 2, mostOpen: 13 },
  paused: undefined,
} satisfies Record<string, Working | undefined>;

export type Pace = keyof typeof PACES;
export const PACE_NAMES = ['busy', 'calm', 'paused'] as const satisfies readonly Pace[];
