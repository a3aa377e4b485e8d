import { type FreshnessNow, useFreshness, useLiveKpis, useLiveRequests } from 'dms-live-react';
import { useMemo } from 'react';
import { type StatusCounts, useRequestCounts } from '../api/figures.ts';
import { useKpis } from '../api/others.ts';
import { OVERDUE, type RequestFilter } from '../api/requests.ts';
import type { KpiRow } from '../api/rows.ts';
import { countIn } from '../words/status.ts';

export interface StatusNumbers {
  /** `undefined`: not known. The same function as long as no number changes. */
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
  const numbers = isByKpis ? known : counts.data;
  const countOf = useMemo(() => statusCounter(numbers), [numbers]);
  return { countOf, freshness };
}

function statusCounter(numbers: StatusCounts | KpiRow | undefined): StatusNumbers['countOf'] {
  if (numbers === undefined) return () => undefined;
  const isByKpis = 'requests_by_status' in numbers;
  const by_status = isByKpis ? numbers.requests_by_status : numbers.by_status;
  const overdue = isByKpis ? numbers.overdue_withdrawals : numbers.overdue;
  if (by_status == null || overdue == null) return () => undefined;
  return (status) => (status === OVERDUE ? overdue : countIn(by_status, status));
}
