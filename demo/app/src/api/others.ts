import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isAxiosError } from 'axios';
import { get, http } from './http.ts';
import type { KpiRow, UnitRow } from './rows.ts';

export function useKpis(unit: string, { enabled = true } = {}) {
  return useQuery({
    queryKey: ['dashboard', unit],
    queryFn: (query) => get<KpiRow>('/dashboard/kpis/', { unit: unit || undefined }, query),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** Units have names that hardly ever change. */
export function useUnits({ enabled = true } = {}) {
  return useQuery({
    queryKey: ['units'],
    queryFn: () => get<UnitRow[]>('/units/'),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  });
}

export const PACES = ['busy', 'calm', 'paused'] as const;
export type Pace = (typeof PACES)[number];

/** How busy the simulated colleagues are; `null` where there are none. */
export function usePace() {
  return useQuery({
    queryKey: ['pace'],
    queryFn: async () => {
      try {
        const { pace } = await get<{ pace: Pace }>('/demo/pace/');
        return pace;
      } catch (error) {
        if (isAxiosError(error) && error.response?.status === 404) return null;
        throw error;
      }
    },
  });
}

export function useSetPace() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (pace: Pace) => http.post('/demo/pace/', { pace }),
    onMutate: (pace) => queryClient.setQueryData(['pace'], pace),
    onError: () => queryClient.invalidateQueries({ queryKey: ['pace'] }),
  });
}
