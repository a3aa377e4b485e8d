import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { refetchIfDoubtful } from './conflict.ts';
import { get } from './http.ts';
import { useKey } from './idempotency-key.ts';
import type { Page, StorageRow } from './rows.ts';
import { write } from './write.ts';
import { useWritten } from './written.ts';

/** @param unit Empty: all units that the user may see. */
export function useStorage(unit: string) {
  return useQuery({
    queryKey: ['storage', unit],
    queryFn: (query) => get<Page<StorageRow>>('/storage/', { unit: unit || undefined }, query),
    placeholderData: keepPreviousData,
  });
}

export interface NewRack {
  readonly room_name: string;
  readonly rack_name: string;
  readonly compartments: number;
  readonly shelves: number;
  /** A System Admin, who belongs to no unit, names one. */
  readonly unit_id?: string | undefined;
}

/** Makes all the locations of a rack at once. */
export function useCreateRack() {
  const key = useKey();
  const queryClient = useQueryClient();
  const written = useWritten();
  return useMutation({
    mutationFn: (rack: NewRack) =>
      written(write<readonly StorageRow[]>('post', '/storage/bulk-create/', rack, key)),
    onSuccess: ({ isShown }) =>
      isShown ? undefined : queryClient.invalidateQueries({ queryKey: ['storage'] }),
    onError: (error) => refetchIfDoubtful(queryClient, error, ['storage']),
  });
}
