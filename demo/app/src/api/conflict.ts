import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { isAxiosError } from 'axios';
import type { Id, UserRow } from './rows.ts';
import { OutcomeUnknown } from './write.ts';

/** Why the DMS answered 409: what stands in the way, and who made it so. */
export interface Conflict {
  readonly why: string;
  /** What was done: `approved`; `null`: the DMS does not say it. */
  readonly action: string | null;
  readonly actor: UserRow | null;
  readonly at: string | null;
}

/** What a refused action met; `undefined`: it was no conflict. */
export function conflictOf(error: unknown): Conflict | undefined {
  if (!isAxiosError(error) || error.response?.status !== 409) return undefined;
  const body: unknown = error.response.data;
  const conflict = isRecord(body) ? body['conflict'] : undefined;
  if (!isRecord(conflict) || typeof conflict['why'] !== 'string') return undefined;
  const { why, action, actor, at } = conflict;
  return {
    why,
    action: typeof action === 'string' ? action : null,
    actor: isRecord(actor) ? userOf(actor) : null,
    at: typeof at === 'string' ? at : null,
  };
}

/**
 * Somebody was faster, or nobody knows what was saved: the page may show something older, and its live connection may be away. The
 * answer need not wait for it.
 */
export function refetchIfDoubtful(
  queryClient: QueryClient,
  error: unknown,
  ...keys: readonly QueryKey[]
): void {
  if (conflictOf(error) === undefined && !(error instanceof OutcomeUnknown)) return;
  for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey });
}

function userOf({ id, name, role }: Record<string, unknown>): UserRow {
  return { id: idOf(id), name: textOf(name), role: textOf(role) };
}

const idOf = (value: unknown): Id => (typeof value === 'number' ? value : String(value));
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
