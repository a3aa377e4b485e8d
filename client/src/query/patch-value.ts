import { spellLike, wordOf } from './words.ts';

/** What became of a value. */
export interface Patched<Value = unknown> {
  readonly value: Value;
  /** False: the event does not surely tell all of what this is now, so it has to be fetched. */
  readonly isSure: boolean;
}

export const sure = <Value>(value: Value): Patched<Value> => ({ value, isSure: true });
export const unsure = <Value>(value: Value): Patched<Value> => ({ value, isSure: false });

/** Numbers stay numbers: `"17"` becomes `17` where ids are numbers. An id that is no number cannot be written there. */
export function patchId(current: unknown, told: string): Patched {
  if (current != null && String(current) === told) return sure(current);
  if (typeof current === 'string') return sure(told);
  const number = Number(told);
  if (typeof current === 'number' && Number.isSafeInteger(number)) return sure(number);
  return unsure(current);
}

export function patchText(current: unknown, told: string): Patched {
  return current == null || typeof current === 'string' ? sure(told) : unsure(current);
}

export function patchNumber(current: unknown, told: number): Patched {
  return current == null || typeof current === 'number' ? sure(told) : unsure(current);
}

/** In the row's own spelling; where the row's is no word we know (a code, a label), it is left as it is. */
export function patchWord(current: unknown, told: string, words: readonly string[]): Patched {
  const word = wordOf(current);
  if (word === told) return sure(current);
  if (typeof current !== 'string' || word === undefined || !words.includes(word)) return unsure(current);
  return sure(spellLike(told, current));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The same instant in another spelling stays as it is. A day is not made of an instant: whose time zone would it be in? */
export function patchDate(current: unknown, told: string): Patched {
  if (current === told || current == null) return sure(told);
  if (typeof current !== 'string') return unsure(current);
  if (DAY.test(current)) return DAY.test(told) ? sure(told) : unsure(current);
  return sure(Date.parse(current) === Date.parse(told) ? current : told);
}
