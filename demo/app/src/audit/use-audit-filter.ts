import type { AuditFilter } from '../api/audit.ts';
import { setParams, usePlace } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { endOfDay, startOfDay } from './days.ts';

const NONE = { search: '', user: '', action: '', type: '', since: '', to: '' };

/** What is asked for: kept in the address, where a period is written in days. */
export function useAuditFilter(): AuditFilter {
  const { param } = usePlace();
  return {
    unit: useUnit(),
    search: param('search'),
    user: param('user'),
    action: param('action'),
    type: param('type'),
    from: startOfDay(param('since')),
    until: endOfDay(param('to')),
  };
}

export function showAllEntries(): void {
  setParams(NONE);
}

/** The unit is not counted: it is above all screens. */
export function countFilters({ unit: _, ...filters }: AuditFilter): number {
  return Object.values(filters).filter((value) => value !== '').length;
}

/** Nothing that happens from now on can be in it. */
export function hasEnded({ until }: AuditFilter): boolean {
  return until !== '' && Date.parse(until) <= Date.now();
}

export function isBackwards({ from, until }: AuditFilter): boolean {
  return from !== '' && until !== '' && Date.parse(from) >= Date.parse(until);
}
