import { WORDS_BY_FIELD } from '../generated/shapes.ts';
import type { KeyMatch } from './kind.ts';
import type { Row } from './rows.ts';
import { wordOf } from './words.ts';

/** Whether an entity belongs to what a query asks for. `unknown`: the key filters by something that no event says. */
export type Fit = 'in' | 'out' | 'unknown';

/** Compares an entity, as an event has it, with the filters in a query key, in any spelling. */
export function fitOf({ filters, hasMore, judge }: KeyMatch, entity: Row): Fit {
  const fits = Object.entries(filters).map(
    ([name, filter]) => judge?.(name, entity, filter) ?? fitOne(name, filter, entity[name]),
  );
  if (fits.includes('out')) return 'out';
  return hasMore || fits.includes('unknown') ? 'unknown' : 'in';
}

/** Several values, as in `['requests', 'all', ['Pending', 'Approved']]`, mean any of them. */
function fitOne(name: string, filter: unknown, value: unknown): Fit {
  if (Array.isArray(filter)) {
    const fits = filter.map((one: unknown) => fitOne(name, one, value));
    return fits.includes('in') ? 'in' : fits.includes('unknown') ? 'unknown' : 'out';
  }
  const words = WORDS_BY_FIELD[name];
  if (words !== undefined) {
    const word = wordOf(filter);
    if (word === undefined || !words.includes(word)) return 'unknown';
    return word === value ? 'in' : 'out';
  }
  if (name !== 'unitId' && name !== 'id') return 'in';
  return typeof filter !== 'string' && typeof filter !== 'number'
    ? 'unknown'
    : String(filter) === value
      ? 'in'
      : 'out';
}

/** Whether events about a unit can be of any interest to a query. */
export function fitsUnit({ filters }: KeyMatch, unitId: string | null | undefined): boolean {
  return unitId == null || !('unitId' in filters) || fitOne('unitId', filters['unitId'], unitId) !== 'out';
}
