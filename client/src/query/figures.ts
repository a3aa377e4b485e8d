import { because } from './fetch-reasons.ts';
import { fitsUnit } from './fit.ts';
import type { KindQuery } from './kind.ts';

/**
 * A query of figures that the server computes from a kind's entities: counts, trends. It is fetched after each event of its unit, once
 * for all events of a burst. Nothing is added up here: an answer may know of a change before the event of it comes, and then the event
 * would count the change twice. A row that is written twice is right; a number is not.
 */
export const figures = (...key: KindQuery['key']): KindQuery => ({
  key,
  hasNoRows: true,
  apply: (match, data, { entities }) => {
    const isOfUnit = entities.some(({ unitId }) =>
      fitsUnit(match, typeof unitId === 'string' ? unitId : null),
    );
    return { data, needsFetch: isOfUnit && because('figures') };
  },
});
