/**
 * Why an event alone cannot make a query show the truth, so that it is fetched. Each is made where that is decided. The panel of
 * `dms-live-react/devtools` has a sentence for each.
 */
export type FetchCode =
  /** No row has this id, and it fits the filters of the key. */
  | 'enters'
  /** The row does not fit the filters any more. */
  | 'leaves'
  /** The key filters by something that no event says. */
  | 'unknown-filter'
  /** The list is one page of several, and the row may be on another. */
  | 'other-page'
  /** Rows have no id. */
  | 'no-ids'
  /** The data have no known form. */
  | 'unknown-form'
  /** The query shows figures, which the server computes. */
  | 'figures'
  /** The row has moved to another unit, and the list is of all units. */
  | 'moved'
  /** A row has gone from a page, which another row may fill. */
  | 'page-shrinks'
  /** The one entity that the query shows was deleted, or has moved to another unit. */
  | 'removed'
  /** The query of one entity shows another one, or none. */
  | 'other-entity'
  /** The rows, or the page around them, have fields that no event has. */
  | 'other-fields'
  /** The event does not say the value of a field, or says it in a form that the row does not have. */
  | 'unclear'
  /** Two kinds of events disagree, and nobody knows which is newer. */
  | 'contested'
  /** Nothing that has stayed the same explains the order of the list. */
  | 'order'
  /** `order` says `fetch`. */
  | 'order-fetch'
  /** `order` has a comparator, but the row may be on another page now. */
  | 'order-page'
  /** The comparator in `order` has thrown. */
  | 'order-threw'
  /** The function in `patches` has returned `undefined`. */
  | 'patches-declined'
  /** The function in `patches` has thrown. */
  | 'patches-threw'
  /** A row may nest the entity, in words that do not say which one it is. */
  | 'nested-in-words';

export interface FetchReason {
  readonly code: FetchCode;
  /** The fields that cause it, where there are some. */
  readonly fields?: readonly string[];
}

/** Whether a query has to be fetched after an event, and why. */
export type NeedsFetch = FetchReason | false;

export const because = (code: FetchCode, fields?: readonly string[]): FetchReason =>
  fields === undefined ? { code } : { code, fields };
