import type { CrateStatus, RequestStatus } from '../api/rows.ts';
import type { Tone } from '../ui/badge.tsx';

/** One colour per status, the same in tables and charts. */
export const REQUEST_TONES: Readonly<Record<RequestStatus, Tone>> = {
  Pending: 'amber',
  'Sent Back': 'rust',
  Approved: 'blue',
  Issued: 'violet',
  Returned: 'teal',
  Rejected: 'red',
  Completed: 'grey',
};

export const CRATE_TONES: Readonly<Record<CrateStatus, Tone>> = {
  Active: 'teal',
  Withdrawn: 'violet',
  Archived: 'blue',
  Destroyed: 'grey',
};

/** How many have a status; the empty one is all of them. */
export function countIn(
  counts: readonly { readonly status: string; readonly count: number }[],
  status: string,
): number {
  return counts.reduce((sum, one) => (status === '' || one.status === status ? sum + one.count : sum), 0);
}
