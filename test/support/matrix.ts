/** The fields that the authorization tests cover: all that the SDL has, so that a new subscription is tested without a line here. */
import { subscriptionFields, topicRule } from '../../src/events/kinds.ts';
import { DOMAIN } from './domain.ts';

/** Each subscription, and the kind of its events. */
export const FIELDS: Readonly<Record<string, string>> = Object.fromEntries(
  subscriptionFields(DOMAIN.schema).map((field) => [field.name, topicRule(DOMAIN.schema, field)?.kind ?? '']),
);

/** Each query and mutation, with a document that uses it. */
export const ROOT_QUERIES = {
  'Query.viewer': '{ viewer { id } }',
  'Query.dashboardKpis': '{ dashboardKpis(unitId: 5) { id } }',
  'Query.whileAway': '{ whileAway(unitId: 5, sinceMs: 1000) { more } }',
  'Mutation.renewSession': 'mutation { renewSession(token: "x") { id } }',
} as const;
