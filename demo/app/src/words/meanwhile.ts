import type { ChangedMeanwhile, ChangeMeanwhile } from 'dms-live-react';
import type { Conflict } from '../api/conflict.ts';
import { sentenceOf } from '../api/http.ts';
import type { CrateRow, Me, RequestRow } from '../api/rows.ts';
import { describeChange } from './activity.ts';
import { describeCrate, describePlace, isSame } from './things.ts';
import { fullTime, momentOf } from './time.ts';

/** What has happened to a thing while a dialog about it was open. */
export interface News {
  /** As events spell it: `APPROVED`; empty: nobody knows what was done. */
  readonly action: string;
  /** `Approved by Peter Osei at 10:02` */
  readonly words: string;
  /** The user did it, in this window or in another one. */
  readonly isOwn: boolean;
}

/** Why nothing can be done to a thing that the REST API has no longer, and of which no event says why. */
export const GONE = 'It no longer exists, or it belongs to another unit now.';

/** What was done while a dialog was open, in the order in which it was done. */
export function newsOf({ changes }: Pick<ChangedMeanwhile<object>, 'changes'>): News[] {
  if (changes.length === 0)
    return [{ action: '', words: 'It has changed since you opened it', isOwn: false }];
  return changes.map((change) => ({
    action: change.action,
    words: describeDeed(change),
    isOwn: change.isOwn,
  }));
}

function describeDeed({ action, actor, occurredAt, isOwn }: ChangeMeanwhile): string {
  const by = isOwn ? { name: 'you' } : actor;
  return `${describeChange({ action, actor: by })} ${momentOf(occurredAt)}`;
}

/** `The request is not pending but approved. Approved by Peter Osei at 10:02.` */
export function describeConflict({ why, action, actor, at }: Conflict, me: Me): string {
  if (action === null || at === null) return sentenceOf(why);
  const by = isSame(actor?.id, me.id) ? { name: 'you' } : actor;
  return `${sentenceOf(why)} ${describeChange({ action, actor: by })} ${momentOf(Date.parse(at))}.`;
}

/** `Expected return: 20 Dec 2026 (was 1 Dec 2026)`, for each part of a request that a dialog shows and that has changed. */
export function requestDifferences({ before, now, changes }: ChangedMeanwhile<RequestRow>): string[] {
  return [
    // What was done says it already.
    ...(changes.length === 0 ? differ('Status', before.status, now.status) : []),
    ...differ('Unit', before.unit_id, now.unit_id),
    ...differ('Expected return', dayOf(before), dayOf(now)),
    ...(isSame(before.crate?.id, now.crate?.id) && before.crate !== null && now.crate !== null
      ? crateParts(before.crate, now.crate)
      : differ('Crate', inWords(before.crate), inWords(now.crate))),
  ];
}

/** The same for a crate. */
export function crateDifferences({ before, now }: ChangedMeanwhile<CrateRow>): string[] {
  return crateParts(before, now);
}

function crateParts(before: CrateRow, now: CrateRow): string[] {
  return [
    ...differ('Crate', before.status.toLowerCase(), now.status.toLowerCase()),
    ...differ('Stands at', placeOf(before), placeOf(now)),
    ...differ('Documents', before.documents?.length ?? 0, now.documents?.length ?? 0),
    ...differ('To be destroyed', fullTime(before.destruction_date), fullTime(now.destruction_date)),
  ];
}

const dayOf = ({ expected_return_date: due }: RequestRow): string => fullTime(due);
const inWords = (crate: CrateRow | null): string => (crate === null ? '' : describeCrate(crate));
const placeOf = ({ storage }: CrateRow): string => (storage === null ? '' : describePlace(storage));

function differ(label: string, before: string | number, now: string | number): string[] {
  const [was, is] = [before, now].map((value) => (value === '' ? 'none' : value));
  return was === is ? [] : [`${label}: ${is} (was ${was})`];
}
