import { load, save } from './read-marks.ts';

const placeOf = (userId: string): string => `dms-live:seen:${userId}`;

/** When the user last had the live page before them, in any tab of this browser, in Unix milliseconds; `undefined`: never. */
export function lastSeen(userId: string): number | undefined {
  const at = Number(load(placeOf(userId)) ?? Number.NaN);
  return Number.isFinite(at) ? at : undefined;
}

export const noteSeen = (userId: string): void => save(placeOf(userId), `${Date.now()}`);
