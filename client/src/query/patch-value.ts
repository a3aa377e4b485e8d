import { spellLike, wordOf } from './words.ts';

/** What became of a value. */
export interface Patched<Value = unknown> {
  readonly value: Value;
  /** False: the event may not say all of what this is now, so it has to be fetched. */
  readonly isSure: boolean;
}

export const sure = <Value>(value: Value): Patched<Value> => ({ value, isSure: true });
export const unsure = <Value>(value: Value): Patched<Value> => ({ value, isSure: false });

/** Numbers stay numbers: `"17"` becomes `17` where ids are numbers. An id that is no number cannot be written there. */
export function patchId(current: unknown, given: string): Patched {
  if (current != null && String(current) === given) return sure(current);
  if (typeof current === 'string') return sure(given);
  const number = Number(given);
  if (typeof current === 'number' && Number.isSafeInteger(number)) return sure(number);
  return unsure(current);
}

/** A text, a number or a flag, where the row has the same type or nothing. */
export function patchPrimitive(current: unknown, given: string | number | boolean): Patched {
  return current == null || typeof current === typeof given ? sure(given) : unsure(current);
}

/** In the row's own spelling; where the row's is no word we know (a code, a label), it is left as it is. */
export function patchWord(current: unknown, given: string, words: readonly string[]): Patched {
  const word = wordOf(current);
  if (word === given) return sure(current);
  if (typeof current !== 'string' || word === undefined || !words.includes(word)) return unsure(current);
  return sure(spellLike(given, current));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The same instant in another spelling stays as it is. A day is not made of an instant: whose time zone would it be in? */
export function patchDate(current: unknown, given: string): Patched {
  if (current === given || current == null) return sure(given);
  if (typeof current !== 'string') return unsure(current);
  if (DAY.test(current)) return DAY.test(given) ? sure(given) : unsure(current);
  return sure(Date.parse(current) === Date.parse(given) ? current : given);
}
