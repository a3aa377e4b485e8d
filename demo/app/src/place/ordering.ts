import { setParams, usePlace } from './place.ts';

/** How a list is sorted, as the REST API spells it: `status`, `-created_at`. */
export interface Sorting {
  /** What the address says; empty for {@link NEWEST}. */
  readonly ordering: string;
  readonly onSort: (ordering: string) => void;
}

/** How lists are sorted where nobody has chosen: the newest first. */
export const NEWEST = '-id';

/** Kept in the address, as filters are. */
export function useSorting(): Sorting {
  return { ordering: usePlace().param('ordering'), onSort: sortBy };
}

function sortBy(ordering: string): void {
  setParams({ ordering: ordering === NEWEST ? '' : ordering });
}
