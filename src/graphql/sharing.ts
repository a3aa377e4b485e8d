import type { ExecutionArgs } from 'graphql';
import type { Delivery } from '../delivery/audience.ts';
import type { SharedResults } from '../delivery/member.ts';
import { createSharedSubscriptions, type SharedSubscriptions } from '../delivery/shared-subscriptions.ts';
import type { Turn } from '../delivery/turn.ts';
import type { Usage } from '../delivery/usage.ts';
import { LiveError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { audienceScopeOf, subscribedField } from './audience-scope.ts';
import { type Context, contextOf, requireSession } from './context.ts';
import { formatResult } from './format.ts';
import { toGraphQLError } from './mask-error.ts';

export interface SharingServices {
  readonly turn: Turn;
  /** Counts the subscriptions of each user. */
  readonly subscriptions: Usage;
  readonly kpiIntervalMs: number;
  /** Takes over what an HTTP request has subscribed to. */
  readonly adopt: (request: Request, results: SharedResults) => void;
  readonly metrics: Pick<Metrics, 'executed' | 'delivered'>;
}

/** How this server shares subscriptions: among equal scopes, KPIs conflated, each subscriber bound to its session. */
export function shareSubscriptions(services: SharingServices): SharedSubscriptions {
  const { metrics } = services;
  return createSharedSubscriptions({
    turn: services.turn,
    audienceOf: audienceScopeOf,
    deliveryOf: (args) => deliveryOf(args, services.kpiIntervalMs),
    admit(args, end) {
      const session = requireSession(contextOf(args));
      const release = services.subscriptions.take(session.identity.viewer.id);
      if (release === undefined) return toGraphQLError(TOO_MANY);
      const unwatch = session.onEnd((error) => end(error && toGraphQLError(error)));
      return () => {
        unwatch();
        release();
      };
    },
    onJoin(args, results) {
      const { request } = contextOf(args);
      if (request !== undefined) services.adopt(request, results);
    },
    toWire: formatResult,
    observer: {
      executed: metrics.executed,
      delivered(context: Context, members) {
        metrics.delivered(context.audience?.undelivered.splice(0) ?? [], members);
      },
    },
  });
}

const TOO_MANY = new LiveError(
  'LIMIT_EXCEEDED',
  'You run as many subscriptions as one user may: end others first.',
);

/** Each KPI snapshot replaces the one before; of everything else each event counts. */
function deliveryOf(args: ExecutionArgs, newestEveryMs: number): Delivery {
  return subscribedField(args)?.name.value === 'dashboardKpis' ? { newestEveryMs } : { every: true };
}
