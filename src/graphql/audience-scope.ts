import { type ExecutionArgs, type FieldNode, type GraphQLField, getArgumentValues } from 'graphql';
import type { AudienceScope } from 'yoga-shared-subscriptions';
import { ownTopicArgument } from '../events/kinds.ts';
import { PRESENCE_FIELDS } from '../events/presence-fields.ts';
import { type Context, contextOf, type SharedScope } from './context.ts';
import { subscribedField } from './root-fields.ts';
import { coerceVariables } from './variables.ts';

/**
 * Who may share a subscription: all whose scope is equal, by which everything is authorized (auth/access.ts). Where the
 * subscription reads what is addressed to its viewer, only that user; where it shows its viewer to others, only that session. The scope
 * is also all that the shared execution knows, so that it cannot show more to one viewer than to another.
 */
export function audienceScopeOf(args: ExecutionArgs): AudienceScope | undefined {
  const { session } = contextOf(args);
  if (session === undefined) return undefined;
  const { scope, identity } = session;
  const userId = readsOwnTopic(args) ? identity.viewer.id : undefined;
  const announcer = subscribedField(args)?.name.value === PRESENCE_FIELDS.announce ? session : undefined;
  const { unitId, isAdmin, isAuditor } = scope;
  return {
    key: JSON.stringify([unitId, isAdmin, isAuditor, userId, announcer?.id]),
    createContext: (signal): Context => ({
      audience: {
        scope,
        signal,
        undelivered: [],
        ...(userId !== undefined && { userId }),
        ...(announcer !== undefined && { announcer }),
      } satisfies SharedScope,
    }),
  };
}

/** Whether the argument with `@ownTopic` is true. Arguments that cannot be read are left to execution to refuse. */
function readsOwnTopic(args: ExecutionArgs): boolean {
  const node = subscribedField(args);
  const field = args.schema.getSubscriptionType()?.getFields()[node?.name.value ?? ''];
  if (node === undefined || field === undefined) return false;
  const personal = ownTopicArgument(args.schema, field);
  if (personal === undefined || !isGiven(personal, node, field)) return false;
  try {
    const values = getArgumentValues(field, node, coerceVariables(args.schema, args));
    return values[personal] === true;
  } catch {
    return false;
  }
}

/** Whether an argument can have a value. Most subscriptions do not write this one, and to read all arguments costs much more. */
function isGiven(name: string, { arguments: written }: FieldNode, { args }: GraphQLField<unknown, unknown>) {
  return (
    written?.some((argument) => argument.name.value === name) === true ||
    args.some((argument) => argument.name === name && argument.defaultValue === true)
  );
}
