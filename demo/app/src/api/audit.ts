import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isAxiosError } from 'axios';
import { isBefore, isNotBefore, type LiveFilters, type LiveQueryKeys } from 'dms-live-react';
import { get, http } from './http.ts';
import type { AuditRow, Page, UserRow } from './rows.ts';
import { withNewest, withOlder } from './trail.ts';

/** Which entries are shown. An empty filter is none. */
export interface AuditFilter {
  /** Empty: all units that the user may see. */
  readonly unit: string;
  /** Each of its words has to be there. */
  readonly search: string;
  /** An id, or {@link SYSTEM}. */
  readonly user: string;
  readonly action: string;
  readonly type: string;
  /** Instants with their time zones: at or after this one, and before that one. */
  readonly from: string;
  readonly until: string;
}

/** Who did what nobody did: a nightly job. */
export const SYSTEM = 'system';

/** An entry as its own page has it. */
export interface AuditDetails extends AuditRow {
  /** What the entry is about may have been deleted since. */
  readonly object_exists: boolean;
}

export interface AuditChoices {
  readonly actions: readonly string[];
  readonly object_types: readonly string[];
  readonly users: readonly UserRow[];
}

/** An entry that is opened is fetched again after each new one: that may say that the object is gone. */
export const AUDIT_KEYS: LiveQueryKeys = {
  audit: [
    [
      'audit',
      ':unitId',
      {
        search: ':search',
        user: ':user',
        action: ':action',
        type: ':objectType',
        from: ':since',
        until: ':until',
      },
    ],
    ['audit-entry'],
  ],
};

/** A new entry that does not fit the filters fetches nothing. What a search finds, only the server can say. */
export const AUDIT_FILTERS: LiveFilters = {
  audit: {
    search: () => undefined,
    user: ({ user }, asked) => (user?.id ?? SYSTEM) === asked,
    action: ({ action }, asked) => action === asked,
    objectType: ({ objectType }, asked) => objectType === asked,
    since: isNotBefore('at'),
    until: isBefore('at'),
  },
};

/** The trail as far back as it was loaded, the newest entry first. */
export function useAudit({ unit, ...filters }: AuditFilter) {
  const queryClient = useQueryClient();
  const queryKey = ['audit', unit, filters] as const;
  const params = withoutBlanks({ unit, ...filters });
  const trail = useQuery({
    queryKey,
    queryFn: async (query) => {
      const newest = await get<Page<AuditRow>>('/audit/', params, query);
      return withNewest(queryClient.getQueryData<Page<AuditRow>>(queryKey), newest);
    },
    placeholderData: keepPreviousData,
    structuralSharing: false, // the rows stay the same objects, see `withNewest`
  });
  const older = useMutation({
    mutationFn: (before: AuditRow) => get<Page<AuditRow>>('/audit/', { ...params, before: before.id }),
    onSuccess: (page, before) =>
      queryClient.setQueryData<Page<AuditRow>>(queryKey, (known) => known && withOlder(known, page, before)),
  });
  return { trail, older };
}

export function useAuditEntry(id: string) {
  return useQuery({
    queryKey: ['audit-entry', id],
    queryFn: (query) => get<AuditDetails>(`/audit/${id}/`, undefined, query),
  });
}

/** What the filters can be set to. */
export function useAuditChoices(unit: string) {
  return useQuery({
    queryKey: ['audit-choices', unit],
    queryFn: () => get<AuditChoices>('/audit/choices/', withoutBlanks({ unit })),
    placeholderData: keepPreviousData,
  });
}

export interface AuditFile {
  readonly name: string;
  readonly content: Blob;
}

/** A long trail takes its time, in milliseconds. */
const EXPORTED_WITHIN_MS = 120_000;

/** All entries that the filters say, also those that are not loaded. */
export function useExportAudit() {
  return useMutation({
    mutationFn: async (filter: AuditFilter): Promise<AuditFile> => {
      const file = http.post<Blob>('/audit/export/', withoutBlanks(filter), {
        responseType: 'blob',
        timeout: EXPORTED_WITHIN_MS,
      });
      const { data, headers } = await file.catch(withWords);
      const [, name] = /filename="([^"]+)"/.exec(String(headers['content-disposition'])) ?? [];
      return { name: name ?? 'audit-trail.csv', content: data };
    },
  });
}

/** A refusal comes as a file, too: it is read, so that the page can say why. */
async function withWords(error: unknown): Promise<never> {
  const response = isAxiosError(error) ? error.response : undefined;
  if (response?.data instanceof Blob) {
    const text = await response.data.text();
    if (response.data.type.includes('json')) response.data = JSON.parse(text);
  }
  throw error;
}

function withoutBlanks(params: object): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''));
}
