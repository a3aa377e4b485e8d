import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { EventKinds } from '../events/kinds.ts';
import { readDirective } from '../events/sdl.ts';
import type { QueryResolvers, Viewer } from '../generated/schema.ts';
import type { LatestSnapshots } from '../topics/latest-snapshots.ts';
import { type Context, requireSession, type ViewerSession } from './context.ts';
import { unitTopic } from './subscription.ts';

/** The queries that the server answers by itself. */
export const queryResolvers: Required<Pick<QueryResolvers, 'viewer'>> = {
  viewer: (_root, _args, context) => describeViewer(requireSession(context)),
};

/** Gives the queries with `@newest`, in place, the newest snapshot of their kind. */
export function resolveNewest(schema: GraphQLSchema, kinds: EventKinds, snapshots: LatestSnapshots): void {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const kind = kinds.get(String(readDirective(schema, field, 'newest')?.['of']));
    if (kind === undefined) continue;
    const resolve: GraphQLFieldResolver<unknown, Context, { readonly unitId?: string | null }> = async (
      _root,
      { unitId },
      context,
    ) => (await snapshots.get(unitTopic(kind, unitId, context))) ?? null;
    field.resolve = resolve;
  }
}

export function describeViewer({ identity, scope }: Pick<ViewerSession, 'identity' | 'scope'>): Viewer {
  const { id, name, unitId, role } = identity.viewer;
  const sessionExpiresAt = new Date(identity.expiresAt * 1000).toISOString();
  return { id, name, unitId, role, isAdmin: scope.isAdmin, sessionExpiresAt };
}
