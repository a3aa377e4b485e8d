import type { SharedSubscriptions } from 'yoga-shared-subscriptions';
import type { Config } from '../config/config.ts';
import type { Domain } from '../events/domain.ts';
import type { Documents } from '../graphql/documents.ts';
import { createLiveSchema } from '../graphql/schema.ts';
import type { Engine } from '../transport/operation-args.ts';
import { createGraphQLServer, type Yoga } from '../transport/yoga.ts';
import type { Delivery } from './delivery.ts';
import type { Entry } from './entry.ts';
import type { Reports } from './reports.ts';
import type { Topics } from './topics.ts';

export type GraphQL = ReturnType<typeof createGraphQL>;

interface Parts {
  readonly config: Config;
  readonly domain: Domain;
  readonly documents: Documents;
  readonly reports: Reports;
  readonly topics: Topics;
  readonly entry: Entry;
  readonly delivery: Delivery;
}

/** The executable schema, and GraphQL over HTTP. */
export function createGraphQL({ config, domain, documents, reports, topics, entry, delivery }: Parts) {
  const { limits } = config;
  const { sessions, admission, isAllowedOrigin, operations } = entry;
  const { sharing } = delivery;
  const schema = createLiveSchema({
    domain,
    hub: topics.hub,
    snapshots: topics.snapshots,
    maxWaitingEvents: limits.maxWaitingEvents,
    startSession: sessions.start,
    presence: topics.services.presence,
  });
  const yoga = createGraphQLServer({
    schema,
    documents,
    sessions,
    admission,
    operations,
    sharing: sharing.plugin,
    eventStreams: delivery.eventStreams,
    maxMessageBytes: limits.maxMessageBytes,
    isAllowedOrigin,
    ...reports,
  });
  return { yoga, documents, engine: engineOf(yoga, sharing) };
}

/** What runs operations that are no HTTP requests. Shared subscriptions pass by the hooks for those, which have nothing to ask of them. */
function engineOf(yoga: Yoga, sharing: SharedSubscriptions): Engine {
  const { schema, execute, subscribe } = yoga.getEnveloped({});
  return { schema, execute, subscribe: (args) => sharing.subscribe(args) ?? subscribe(args) };
}
