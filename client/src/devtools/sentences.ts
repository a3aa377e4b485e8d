import type { FetchCode } from '../query/fetch-reasons.ts';

/** Why a query was not changed by an event. */
export type IgnoreCode =
  | 'same'
  | 'filtered'
  | 'not-nested'
  | 'other-entity'
  | 'state'
  | 'no-data'
  | 'answered';

/** What became of an event besides. */
export type NoteCode = 'being-fetched' | 'compared';

export type WhyCode = FetchCode | IgnoreCode | NoteCode;

export interface Why {
  readonly code: WhyCode;
  readonly fields?: readonly string[] | undefined;
}

/** `{}` stands for the names of fields. */
const SENTENCES: Readonly<Record<WhyCode, string>> = {
  enters: 'No row has this id, and it fits the filters of the key: the list may have a new row.',
  leaves: 'The row does not fit the filters of the key{} any more, so it may leave the list.',
  'unknown-filter': 'The key filters by something that no event says, so nobody knows whether the row fits.',
  'other-page': 'No row has this id, but this is one page of several, and the row may move to it.',
  'no-ids': 'Some rows have no id, so nobody knows which one it is.',
  'unknown-form':
    'The data have none of the known forms: an array, { results }, an infinite query, one entity.',
  figures: 'The query shows figures, which the server computes from all entities.',
  moved: 'It has moved to another unit, and this is a list of all units.',
  'page-shrinks': 'The row has gone from a page, so another one may take its place.',
  removed: 'It was deleted, or has moved to another unit.',
  'other-entity': 'The query shows another entity.',
  'other-fields':
    'The data have fields that no event has{}: name constant ones in `constantFields`, or use `patches`.',
  unclear: 'The event does not say the value of a field{}, or the row has it in another form.',
  contested: 'Two kinds of events disagree at about the same time, so nobody knows which is newer.',
  order: 'The order of the list may be another one now. `order` can say how the server sorts it.',
  'order-fetch': '`order` says that the list is fetched after each change of a row.',
  'order-page': 'The row may be on another page now, so the comparator in `order` is not enough.',
  'order-threw': 'The comparator in `order` threw: see the console.',
  'patches-declined': 'The function in `patches` returned undefined.',
  'patches-threw': 'The function in `patches` threw: see the console.',
  'nested-in-words': 'A row may show this entity in words that do not say which one it is.',
  same: 'The query shows this already.',
  filtered: 'No row has this id, and it does not belong to this list by the filters of the key.',
  'not-nested': 'No row contains this entity.',
  state: 'The query shows this already, shows something newer, or is of another unit.',
  'no-data': 'The query has no data yet: its first answer will have it.',
  answered: 'Older than what is shown: the answer of the query has it already.',
  'being-fetched': 'The query was being fetched. If the answer lacks the event, it is written again.',
  compared: 'It was held, and may be older than what the page shows. So it was only compared.',
};

/** Why, in a plain sentence for a developer. */
export function sentenceOf({ code, fields = [] }: Why): string {
  return SENTENCES[code].replace('{}', fields.length > 0 ? ` (${fields.join(', ')})` : '');
}
