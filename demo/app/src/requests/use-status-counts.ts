import { type FreshnessNow, useFreshness, useLiveKpis, useLiveRequests } from 'dms-live-react';
import { type StatusCounts, useRequestCounts } from '../api/figures.ts';
import { useKpis } from '../api/others.ts';
import { OVERDUE, type RequestFilter } from '../api/requests.ts';
import { countIn } from '../words/status.ts';

export interface StatusNumbers {
  /** `undefined`: not known. */
  readonly countOf: (status: string) => number | undefined;
  readonly freshness: FreshnessNow;
}

type Others = Pick<RequestFilter, 'type' | 'unit' | 'search'>;

/**
 * How many requests each status would show beside the other filters. Without type and search words the KPIs count the same, and
 * come live without a fetch. Otherwise the DMS counts, after each event once more.
 */
export function useStatusCounts({ type, unit, search }: Others): StatusNumbers {
  const isPlain = type === '' && search === '';
  const liveKpis = useLiveKpis(unit || undefined, { enabled: isPlain });
  const liveRequests = useLiveRequests(unit || undefined);
  const kpis = useKpis(unit, { enabled: isPlain });
  const known = kpis.isPlaceholderData ? undefined : kpis.data;
  const isUncounted = known?.requests_by_status === null || known?.overdue_withdrawals === null;
  const isByKpis = isPlain && liveKpis.refusal === undefined && !isUncounted;
  const counts = useRequestCounts({ type, unit, search }, { enabled: !isByKpis });
  const freshness = useFreshness(isByKpis ? kpis : counts, isByKpis ? liveKpis : liveRequests);
  if (!isByKpis) return { countOf: statusCounter(counts.data), freshness };
  const [by_status, overdue] = [known?.requests_by_status, known?.overdue_withdrawals];
  const numbers = by_status == null || overdue == null ? undefined : { by_status, overdue };
  return { countOf: statusCounter(numbers), freshness };
}

function statusCounter(counts: StatusCounts | undefined): (status: string) => number | undefined {
  if (counts === undefined) return () => undefined;
  const { by_status, overdue } = counts;
  return (status) => (status === OVERDUE ? overdue : countIn(by_status, status));
}
