import {
  type ExecutionArgs,
  type FieldNode,
  getArgumentValues,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { AudienceScope } from 'yoga-shared-subscriptions';
import { ownTopicArgument } from '../events/kinds.ts';
import { type Context, contextOf, type SharedScope } from './context.ts';
import { coerceVariables, isSelected } from './variables.ts';

/**
 * Who may share a subscription: all whose scope is equal, by which everything is authorized (auth/access.ts). Where the
 * subscription reads what is addressed to its viewer, only that user. The scope is also all that the shared execution
 * knows, so that it cannot show more to one viewer than to another.
 */
export function audienceScopeOf(args: ExecutionArgs): AudienceScope | undefined {
  const { session } = contextOf(args);
  if (session === undefined) return undefined;
  const { scope, identity } = session;
  const userId = readsOwnTopic(args) ? identity.viewer.id : undefined;
  const { unitId, isAdmin, isAuditor } = scope;
  return {
    key: JSON.stringify([unitId, isAdmin, isAuditor, userId]),
    createContext: (signal): Context => ({
      audience: {
        scope,
        signal,
        undelivered: [],
        ...(userId !== undefined && { userId }),
      } satisfies SharedScope,
    }),
  };
}

/** The one field that a subscription subscribes to: others may stand before it, left out by `@skip` or `@include`. */
export function subscribedField(args: ExecutionArgs): FieldNode | undefined {
  const { document, operationName, schema } = args;
  const operation = getOperationAST(document, operationName);
  return operation == null ? undefined : firstField(operation.selectionSet);

  function firstField(selectionSet: SelectionSetNode): FieldNode | undefined {
    for (const node of selectionSet.selections) {
      if (node.directives?.length && !isSelected(node.directives, coerceVariables(schema, args))) continue;
      if (node.kind === Kind.FIELD) return node;
      const selected = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragment(node.name.value);
      const field = selected && firstField(selected);
      if (field !== undefined) return field;
    }
    return undefined;
  }

  function fragment(name: string): SelectionSetNode | undefined {
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) return node.selectionSet;
    }
    return undefined;
  }
}

/** Whether the argument with `@ownTopic` is true. Arguments that cannot be read are left to execution to refuse. */
function readsOwnTopic(args: ExecutionArgs): boolean {
  const node = subscribedField(args);
  const field = args.schema.getSubscriptionType()?.getFields()[node?.name.value ?? ''];
  if (node === undefined || field === undefined) return false;
  const personal = ownTopicArgument(args.schema, field);
  if (personal === undefined) return false;
  try {
    const values = getArgumentValues(field, node, coerceVariables(args.schema, args));
    return values[personal] === true;
  } catch {
    return false;
  }
}
