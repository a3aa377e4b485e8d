import type { QueryResolvers, Viewer } from '../generated/schema.ts';
import type { LatestKpis } from '../topics/latest-kpis.ts';
import { requireSession, type ViewerSession } from './context.ts';
import { kpiTopic } from './subscription.ts';

export function createQueryResolvers(latestKpis: LatestKpis): QueryResolvers {
  return {
    viewer: (_root, _args, context) => describeViewer(requireSession(context)),
    dashboardKpis: async (_root, { unitId }, context) =>
      (await latestKpis.get(kpiTopic(unitId, context))) ?? null,
  };
}

export function describeViewer({ identity, scope }: Pick<ViewerSession, 'identity' | 'scope'>): Viewer {
  const { id, name, unitId, role } = identity.viewer;
  const sessionExpiresAt = new Date(identity.expiresAt * 1000).toISOString();
  return { id, name, unitId, role, isAdmin: scope.isAdmin, sessionExpiresAt };
}
