import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AxiosResponse } from 'axios';
import { useState } from 'react';
import { refetchIfDoubtful } from './conflict.ts';
import { createCrateOnce } from './crate-once.ts';
import type { NewCrate } from './crates.ts';
import { get } from './http.ts';
import { useKey } from './idempotency-key.ts';
import type { Id, Page, RequestRow, RequestType, SendBackRow } from './rows.ts';
import { write } from './write.ts';
import { useWritten } from './written.ts';

/** Chosen like a status: those that are issued, and should have come back. */
export const OVERDUE = 'Overdue';

export interface RequestFilter {
  /** Empty: all types. */
  readonly type: string;
  /** A status, or {@link OVERDUE}; empty: all statuses. */
  readonly status: string;
  /** Empty: all units that the user may see. */
  readonly unit: string;
  readonly search: string;
  /** As the REST API spells it. Default: the newest first. */
  readonly ordering?: string;
  /** How many are listed. Default: as many as the REST API likes. */
  readonly limit?: number | undefined;
}

export function useRequests({ type, status, unit, search, ordering = '', limit }: RequestFilter) {
  return useQuery({
    queryKey: ['requests', type, status, unit, ordering, limit, search],
    queryFn: (query) =>
      get<Page<RequestRow>>(
        '/requests/',
        {
          type: type || undefined,
          ...statusParams(status),
          unit: unit || undefined,
          search: search || undefined,
          ordering: ordering || undefined,
          limit,
        },
        query,
      ),
    placeholderData: keepPreviousData,
  });
}

interface FirstRequests {
  /** A status, or {@link OVERDUE}. */
  readonly status: string;
  readonly unit: string;
  /** The oldest first. */
  readonly by: 'created_at' | 'expected_return_date';
  readonly length: number;
}

/** The requests that have come first. */
export function useFirstRequests({ status, unit, by, length }: FirstRequests) {
  return useQuery({
    queryKey: ['requests', '', status, unit, by, length],
    queryFn: (query) =>
      get<Page<RequestRow>>(
        '/requests/',
        { ...statusParams(status), unit: unit || undefined, ordering: by, limit: length },
        query,
      ),
    select: ({ results }) =>
      results.toSorted((one, other) => timeIn(one[by]) - timeIn(other[by])).slice(0, length),
  });
}

const timeIn = (at: string | null): number => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at));

const statusParams = (status: string) =>
  status === OVERDUE ? { overdue: true } : { status: status || undefined };

export function useRequest(id: string) {
  return useQuery({
    queryKey: ['request', id],
    queryFn: (query) => get<RequestRow>(`/requests/${id}/`, undefined, query),
  });
}

/** Why a request was sent back, the newest first; fetched again when it is sent back. */
export function useSendBacks({ id, status }: RequestRow) {
  return useQuery({
    queryKey: ['send-backs', String(id), status === 'Sent Back'],
    queryFn: () => get<Page<SendBackRow>>(`/requests/${id}/send-backs/`),
    placeholderData: keepPreviousData,
  });
}

/** A request as one fills it in. */
export interface RequestDraft {
  readonly type: RequestType;
  /** `undefined`: a new one. A request sent back is corrected under its own id. */
  readonly id?: Id | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The crate that is to be made first, and that the request is about then. */
  readonly newCrate?: NewCrate;
}

export function useSaveRequest() {
  const queryClient = useQueryClient();
  const written = useWritten();
  const [createOnce] = useState(createCrateOnce);
  const key = useKey();
  return useMutation({
    mutationFn: (draft: RequestDraft) => written(saveRequest(draft, createOnce, key)),
    onSuccess({ row, isShown }) {
      queryClient.setQueryData(['request', String(row.id)], row);
      return isShown ? undefined : queryClient.invalidateQueries({ queryKey: ['requests'] });
    },
    onError: (error, { id }) =>
      refetchIfDoubtful(queryClient, error, ['request', String(id)], ['requests'], ['crates']),
  });
}

async function saveRequest(
  { type, id, fields, newCrate }: RequestDraft,
  createOnce: (crate: NewCrate) => Promise<Id>,
  key: string,
): Promise<AxiosResponse<RequestRow>> {
  const path = `/requests/${type.toLowerCase()}/`;
  const crate = newCrate === undefined ? fields['crate'] : await createOnce(newCrate);
  const body = { ...fields, crate };
  return id === undefined ? write('post', path, body, key) : write('put', `${path}${id}/`, body);
}

export type RequestDeed = 'approve' | 'reject' | 'send-back' | 'allocate-storage' | 'issue' | 'return';

interface Deed {
  readonly id: Id;
  readonly deed: RequestDeed;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Approves, rejects, issues, … with the user's signature. */
export function useRequestDeed() {
  const queryClient = useQueryClient();
  const written = useWritten();
  return useMutation({
    mutationFn: ({ id, deed, fields }: Deed) =>
      written(write<RequestRow>('post', `/requests/${id}/${deed}/`, fields)),
    onSuccess({ row, isShown }) {
      queryClient.setQueryData(['request', String(row.id)], row);
      return isShown ? undefined : queryClient.invalidateQueries({ queryKey: ['requests'] });
    },
    onError: (error, { id }) =>
      refetchIfDoubtful(queryClient, error, ['request', String(id)], ['requests'], ['crates']),
  });
}
