import { useQuery } from '@tanstack/react-query';
import { get } from './http.ts';
import type { RequestFilter } from './requests.ts';
import type { Id, RequestStatus } from './rows.ts';

/** How many requests there are in each status. */
export interface StatusCounts {
  readonly by_status: readonly { readonly status: RequestStatus; readonly count: number }[];
  readonly overdue: number;
}

/** Of the requests that the other filters leave. Nothing is shown for other filters meanwhile: these numbers would be wrong. */
export function useRequestCounts(
  { type, unit, search }: Pick<RequestFilter, 'type' | 'unit' | 'search'>,
  { enabled }: { readonly enabled: boolean },
) {
  return useQuery({
    queryKey: ['request-figures', unit, 'counts', type, search],
    queryFn: (query) =>
      get<StatusCounts>(
        '/requests/counts/',
        { type: type || undefined, unit: unit || undefined, search: search || undefined },
        query,
      ),
    enabled,
  });
}

/** What happened in one hour or day. */
export interface TrendPoint {
  /** When it began. */
  readonly at: string;
  readonly opened: number;
  /** Approved or rejected. */
  readonly decided: number;
  /** At its end; of the last one: now. */
  readonly pending: number;
}

export interface Trends {
  readonly computed_at: string;
  /** `null`: nothing has happened yet. */
  readonly known_since: string | null;
  /** How many were pending when the first point began. */
  readonly pending_before: number;
  readonly points: readonly TrendPoint[];
}

export const SPANS = [1, 7, 30] as const;
/** In days. */
export type Span = (typeof SPANS)[number];

/** The clocks that hours and days are meant by. */
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function useTrends(unit: string, days: Span) {
  return useQuery({
    queryKey: ['request-figures', unit, 'trends', days],
    queryFn: (query) =>
      get<Trends>('/dashboard/trends/', { days, zone: ZONE, unit: unit || undefined }, query),
  });
}

/** Of some requests: since when they have been so. */
export interface Age {
  readonly count: number;
  /** Half of them for longer. */
  readonly median_since: string | null;
  readonly longest_since: string | null;
  readonly longest_id: Id | null;
}

export interface Ages {
  /** When the next request will be overdue. */
  readonly next_due: string | null;
  readonly by_status: readonly (Age & { readonly status: RequestStatus })[];
  readonly overdue: Age;
}

export function useAges(unit: string) {
  return useQuery({
    queryKey: ['request-figures', unit, 'ages'],
    queryFn: (query) => get<Ages>('/dashboard/ages/', { unit: unit || undefined }, query),
  });
}
