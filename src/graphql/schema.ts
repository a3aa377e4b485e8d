import {
  buildASTSchema,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Domain } from '../events/domain.ts';
import type { Presence } from '../topics/presence/presence.ts';
import type { Context, StartSession } from './context.ts';
import { enforceDirectives } from './directives.ts';
import { createMutationResolvers } from './mutation.ts';
import { resolvePresence } from './presence.ts';
import { queryResolvers, resolveNewest } from './query.ts';
import { resolveSubscriptions, type SubscriptionServices } from './subscription.ts';
import { resolveWhileAway } from './while-away.ts';

export interface SchemaServices extends SubscriptionServices {
  readonly domain: Domain;
  readonly startSession: StartSession;
  /** Default: nobody sees who else is there. */
  readonly presence?: Presence | undefined;
}

/** The executable schema, with its authorization in force. */
export function createLiveSchema(services: SchemaServices): GraphQLSchema {
  const { domain, snapshots, startSession } = services;
  const schema = buildASTSchema(domain.document);
  resolve(schema.getQueryType(), queryResolvers);
  resolve(schema.getMutationType(), createMutationResolvers(startSession));
  resolveNewest(schema, domain.kinds, snapshots);
  resolveWhileAway(schema, domain.kinds, services);
  resolveSubscriptions(schema, domain.kinds, services);
  resolvePresence(schema, domain.kinds, services.presence);
  return enforceDirectives(schema);
}

/** Gives the fields of a type that there are, in place, their resolvers; a schema need not have all of them. */
function resolve(type: GraphQLObjectType | null | undefined, resolvers: object): void {
  const fields = type?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    // Made for this field by the types that are generated from the SDL; another SDL must declare it alike (topic-faults.ts).
    if (field !== undefined) field.resolve = resolver as GraphQLFieldResolver<unknown, Context>;
  }
}
