import type { RequestDeed } from '../api/requests.ts';
import type { Me, RequestRow } from '../api/rows.ts';
import { isAdmin } from '../session/me.tsx';

const CREATORS = ['Section Head', 'Section Clerk'];
const CHECKER = 'QC';
const KEEPER = 'Store Head';

function hasRole(me: Me, ...roles: readonly string[]): boolean {
  return isAdmin(me) || roles.includes(me.role);
}

export function mayCreate(me: Me): boolean {
  return hasRole(me, ...CREATORS);
}

/** A Section Clerk's requests need no signature. */
export function mustSign(me: Me): boolean {
  return me.role !== 'Section Clerk';
}

/** Whether the user may correct a request that was sent back. */
export function mayCorrect(me: Me, { status }: RequestRow): boolean {
  return status === 'Sent Back' && mayCreate(me);
}

/** Whether the user runs the store: moves crates, makes storage locations. */
export function mayKeepStore(me: Me): boolean {
  return hasRole(me, KEEPER);
}

/** What the user may do with a request in its state. The server decides; this only leaves out what it would refuse. */
export function deedsFor(me: Me, request: RequestRow): RequestDeed[] {
  const ofKeeper = mayKeepStore(me) ? keeperDeeds(request) : [];
  const mayCheck = hasRole(me, CHECKER) && request.status === 'Pending';
  return mayCheck ? [...ofKeeper, 'send-back'] : ofKeeper;
}

function keeperDeeds({ request_type: type, status, allocation_date: allocated }: RequestRow): RequestDeed[] {
  if (status === 'Pending') return ['approve', 'reject'];
  if (status === 'Issued') return ['return'];
  if (status !== 'Approved') return [];
  if (type === 'Withdrawal') return ['issue'];
  return type === 'Storage' && allocated === null ? ['allocate-storage'] : [];
}
