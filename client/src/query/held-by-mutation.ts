import type { Mutation } from '@tanstack/react-query';
import { KINDS, type LiveKind } from '../generated/kinds.ts';
import type { ChangedKind } from '../notifications/recent-changes.ts';
import { isDevelopment } from './development.ts';
import type { HeldEntity, Hold } from './holds.ts';
import type { MutationListener } from './mutation-watch.ts';
import { isRow } from './rows.ts';

/** What a mutation changes before the server has answered, in its `meta`; see {@link LiveMutationMeta}. */
export interface LiveHold {
  readonly kind: ChangedKind;
  readonly id: string | number;
}

/**
 * The `meta` of a mutation with `onMutate`. While the mutation is pending, events about the entity are kept back, so that an older
 * one does not overwrite the value that the page already shows; then what is newer is written.
 *
 * ```tsx
 * useMutation({
 *   mutationFn: ({ id, note }) => api.patch(`/requests/${id}/`, { note }),
 *   onMutate: ({ id, note }) => queryClient.setQueryData(['request', id], (old) => ({ ...old, note })),
 *   meta: { live: ({ id }) => ({ kind: 'request', id }) } satisfies LiveMutationMeta<{ id: number; note: string }>,
 * });
 * ```
 */
export interface LiveMutationMeta<Variables = never> extends Record<string, unknown> {
  readonly live: LiveHold | readonly LiveHold[] | ((variables: Variables) => LiveHold | readonly LiveHold[]);
}

/** The entities that the `meta` of a mutation names; what is not of that form is ignored. */
function heldBy(mutation: Mutation): readonly HeldEntity[] {
  const named = namedBy(mutation);
  return (Array.isArray(named) ? named : [named]).flatMap((hold: unknown) => {
    if (!isRow(hold) || hold['id'] == null || typeof hold['kind'] !== 'string') return [];
    return [{ entity: entityOf(hold['kind']), id: String(hold['id']) }];
  });
}

/** What `meta.live` says. It is called while TanStack starts the mutation, which an error of the app's function must not break. */
function namedBy({ meta, state }: Mutation): unknown {
  const live: unknown = meta?.['live'];
  if (typeof live !== 'function') return live;
  try {
    return live(state.variables);
  } catch (error) {
    if (isDevelopment()) {
      // biome-ignore lint/suspicious/noConsole: it is for developers, whose function has thrown.
      console.error('dms-live-react: `meta.live` of a mutation threw, so nothing is held for it.', error);
    }
    return undefined;
  }
}

const isKind = (name: string): name is LiveKind => Object.hasOwn(KINDS, name);

/** `requests`, as the hooks call it, means the same as `request`. */
export const entityOf = (kind: string): string => (isKind(kind) ? KINDS[kind].entity : kind);

/** Holds what mutations name in their `meta` until they end. */
export function createHeldMutations(hold: (held: HeldEntity) => Hold): Omit<MutationListener, 'over'> {
  const holds = new WeakMap<Mutation, readonly Hold[]>();
  return {
    began: (mutation) => void holds.set(mutation, heldBy(mutation).map(hold)),
    ended(mutation, how) {
      for (const { release } of holds.get(mutation) ?? []) release(how);
      holds.delete(mutation);
    },
  };
}
