import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { refetchIfDoubtful } from './conflict.ts';
import { get } from './http.ts';
import type { CrateRow, Id, Page } from './rows.ts';
import { write } from './write.ts';
import { useWritten } from './written.ts';

interface CrateFilter {
  /** Empty: all statuses. */
  readonly status: string;
  /** Empty: all units that the user may see. */
  readonly unit: string;
  /** As the REST API spells it. Default: the newest first. */
  readonly ordering?: string;
  /** How many are listed. Default: as many as the REST API likes. */
  readonly limit?: number | undefined;
}

export function useCrates({ status, unit, ordering = '', limit }: CrateFilter) {
  return useQuery({
    queryKey: ['crates', status, unit, ordering, limit],
    queryFn: (query) =>
      get<Page<CrateRow>>(
        '/crates/',
        {
          status: status || undefined,
          unit: unit || undefined,
          ordering: ordering || undefined,
          limit,
        },
        query,
      ),
    placeholderData: keepPreviousData,
  });
}

export function useCrate(id: string) {
  return useQuery({
    queryKey: ['crate', id],
    queryFn: (query) => get<CrateRow>(`/crates/${id}/`, undefined, query),
  });
}

interface Relocation {
  readonly id: Id;
  readonly storage: string | undefined;
  readonly signature: string | undefined;
}

/** Moves a crate, with the user's signature. */
export function useRelocate() {
  const queryClient = useQueryClient();
  const written = useWritten();
  return useMutation({
    mutationFn: ({ id, ...signed }: Relocation) =>
      written(write<CrateRow>('post', `/crates/${id}/relocate/`, signed)),
    onSuccess({ row, isShown }) {
      queryClient.setQueryData(['crate', String(row.id)], row);
      return isShown ? undefined : queryClient.invalidateQueries({ queryKey: ['crates'] });
    },
    onError: (error, { id }) => refetchIfDoubtful(queryClient, error, ['crate', String(id)], ['crates']),
  });
}

/** A document as one writes it into a new crate. */
export type NewDocument = Readonly<Record<'document_name' | 'document_number' | 'document_type', string>>;

export interface NewCrate {
  readonly documents: readonly NewDocument[];
  /** A System Admin, who belongs to no unit, names one. */
  readonly unit_id?: string | undefined;
}

export async function createCrate(crate: NewCrate, key: string): Promise<CrateRow> {
  const { data } = await write<CrateRow>('post', '/crates/', crate, key);
  return data;
}
