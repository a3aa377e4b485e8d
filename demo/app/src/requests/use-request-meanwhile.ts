import { useChangedMeanwhile } from 'dms-live-react';
import type { RequestRow } from '../api/rows.ts';
import type { Meanwhile } from '../ui/meanwhile-note.tsx';
import { crateDifferences, GONE, newsOf, requestDifferences } from '../words/meanwhile.ts';

interface Subject {
  readonly request: RequestRow;
  /** The REST API has it no longer, or not for this user. */
  readonly isGone: boolean;
}

const KEPT = 'What you entered stays here until you close this.';

/**
 * What has happened to a request, or to its crate, while a dialog about it is open: the sheet below follows both.
 * @param isPossible whether what the dialog is for may be done with the request as it is now.
 * @param otherwise what it says where that is not so: `It can no longer be approved.`
 */
export function useRequestMeanwhile(
  { request, isGone: isKnownGone }: Subject,
  isPossible: (now: RequestRow) => boolean,
  otherwise: string,
): Meanwhile {
  const meanwhile = useChangedMeanwhile('request', request);
  const ofCrate = useChangedMeanwhile('crate', request.crate ?? undefined);
  const now = meanwhile?.now ?? request;
  const isGone = isKnownGone || meanwhile?.isGone === true;
  const ofRequest = meanwhile === undefined ? [] : requestDifferences(meanwhile);
  const differences = isGone
    ? []
    : ofRequest.length > 0 || ofCrate === undefined
      ? ofRequest
      : crateDifferences(ofCrate);
  // A step of a request changes its crate too: then the step says it all.
  const changes = meanwhile?.changes.length ? meanwhile.changes : (ofCrate?.changes ?? []);
  const why = isGone && changes.length === 0 ? [GONE] : [];
  const obstacle = isGone || !isPossible(now) ? [...why, otherwise, KEPT].join(' ') : undefined;
  const hasChanged = changes.length > 0 || differences.length > 0 || (meanwhile && obstacle !== undefined);
  return { news: hasChanged ? newsOf({ changes }) : [], differences, obstacle };
}
