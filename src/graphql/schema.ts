import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from 'graphql-yoga';
import type { Resolvers } from '../generated/schema.ts';
import type { Context, StartSession } from './context.ts';
import { enforceDirectives } from './directives.ts';
import { createMutationResolvers } from './mutation.ts';
import { createQueryResolvers } from './query.ts';
import { createSubscriptionResolvers, type SubscriptionServices } from './subscription.ts';

/** The public API, written by hand; it lies at the top of the package, two levels above this file, built or not. */
const SDL = new URL('../../schema.graphql', import.meta.url);

export interface SchemaServices extends SubscriptionServices {
  readonly startSession: StartSession;
}

/** The executable schema, with its authorization in force. */
export function createLiveSchema(services: SchemaServices): GraphQLSchema {
  const resolvers: Resolvers = {
    Query: createQueryResolvers(services.latestKpis),
    Mutation: createMutationResolvers(services.startSession),
    Subscription: createSubscriptionResolvers(services),
  };
  const schema = createSchema<Context>({ typeDefs: readFileSync(SDL, 'utf8'), resolvers });
  return enforceDirectives(schema);
}
