import { useFreshness, useLiveCrates, useLiveRequests } from 'dms-live-react';
import { useCrates } from '../api/crates.ts';
import { useRequests } from '../api/requests.ts';
import type { CrateRow, RequestRow, RequestType } from '../api/rows.ts';
import { useFollowedUnit } from '../session/me.tsx';
import { useLatestDeed } from '../ui/use-latest-deed.ts';
import { describeWaiting } from '../ui/waiting.tsx';
import { isSame } from '../words/things.ts';

/** The crates that a request can be about, as of now. */
export interface CrateChoice {
  /** `undefined`: not known yet. */
  readonly fitting: readonly CrateRow[] | undefined;
  /** Why they are not known, or not as of now; empty if there is nothing to say. */
  readonly waiting: string;
  readonly type: RequestType;
  readonly crates: readonly CrateRow[] | undefined;
  /** The requests under way, but for the one that is corrected. */
  readonly others: readonly RequestRow[];
}

/** @param own the request that is corrected; `undefined`: it is a new one. */
export function useCrateChoice(type: RequestType, unit: string, own: RequestRow | undefined): CrateChoice {
  const followed = useFollowedUnit(unit);
  useLiveCrates(followed);
  useLiveRequests(followed);
  const shown = { status: '', unit: followed ?? '' };
  const known = { crates: useCrates(shown), requests: useRequests({ type: '', search: '', ...shown }) };
  const waiting = describeWaiting('The crates', useFreshness([known.crates, known.requests]));
  const crates = known.crates.data?.results;
  const requests = known.requests.data?.results;
  const others = requests?.filter((row) => isUnderWay(row) && !isSame(row.id, own?.id)) ?? [];
  const isFree = ({ id }: CrateRow) => !others.some(({ crate }) => isSame(crate?.id, id));
  return {
    fitting: requests && crates?.filter((crate) => fits(crate, type) && isFree(crate)),
    waiting,
    type,
    crates,
    others,
  };
}

/** Why the chosen crate does not fit any more. */
export function useCrateProblem(
  chosen: CrateRow | undefined,
  { type, crates, others }: CrateChoice,
): string | undefined {
  const rival = others.find(({ crate }) => isSame(crate?.id, chosen?.id));
  const deed = useLatestDeed('crate', chosen?.id);
  const request = useLatestDeed('request', rival?.id);
  if (chosen === undefined || crates === undefined) return undefined;
  const now = crates.find(({ id }) => isSame(id, chosen.id));
  if (now === undefined) return `This crate is gone${deed}. Choose another one.`;
  if (rival !== undefined)
    return `Request ${rival.id} about this crate is under way${request}. Choose another one.`;
  return fits(now, type) ? undefined : `${whyUnfit(now)}${deed}. Choose another one.`;
}

function isUnderWay({ status }: RequestRow): boolean {
  return status !== 'Completed' && status !== 'Rejected';
}

function fits({ status, storage }: CrateRow, type: RequestType): boolean {
  if (type === 'Storage') return storage === null && status === 'Active';
  if (type === 'Withdrawal') return storage !== null && status === 'Active';
  return status === 'Active' || status === 'Archived';
}

function whyUnfit({ status, storage }: CrateRow): string {
  if (status !== 'Active') return `This crate is ${status.toLowerCase()} now`;
  return storage === null ? 'This crate has no place in the store now' : 'This crate has its place now';
}
