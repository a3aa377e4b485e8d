import { type Query, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { OVERDUE } from '../api/requests.ts';

/** Timers of browsers cannot wait longer. */
const LONGEST_MS = 2 ** 31 - 1;
/** The clocks of browser and server differ. */
const MARGIN_MS = 1000;
/** All dashboards wait for the same moment. They do not ask all at once. */
const SPREAD_MS = 3000;

/**
 * A request becomes overdue as time passes: no event says so. What counts or lists overdue requests is fetched then.
 * @param due `undefined` or `null`: no request will be overdue.
 */
export function useFetchWhenDue(due: string | null | undefined): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (due == null) return;
    const late = MARGIN_MS + Math.random() * SPREAD_MS;
    const wait = Math.min(Math.max(0, Date.parse(due) - Date.now()) + late, LONGEST_MS);
    const timer = setTimeout(() => void queryClient.invalidateQueries({ predicate: isAboutOverdue }), wait);
    return () => clearTimeout(timer);
  }, [due, queryClient]);
}

function isAboutOverdue({ queryKey: [name, , status] }: Query): boolean {
  return name === 'dashboard' || name === 'request-figures' || (name === 'requests' && status === OVERDUE);
}
