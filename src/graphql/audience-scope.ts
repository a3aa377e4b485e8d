import {
  type ExecutionArgs,
  type FieldNode,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { AudienceScope } from 'yoga-shared-subscriptions';
import { type Context, contextOf, type SharedScope } from './context.ts';
import { coerceVariables, isSelected } from './variables.ts';

/**
 * Who may share a subscription: all whose scope is equal, by which everything is authorized (auth/access.ts). Where the
 * subscription reads what is addressed to its viewer, only that user. The scope is also all that the shared execution
 * knows, so that it could not tell more to one than to another.
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

/** Whether an argument with `@ownTopic` is true. Arguments that cannot be read are left to execution to refuse. */
function readsOwnTopic(args: ExecutionArgs): boolean {
  const node = subscribedField(args);
  const field = args.schema.getSubscriptionType()?.getFields()[node?.name.value ?? ''];
  const directive = args.schema.getDirective('ownTopic');
  if (node === undefined || field === undefined || directive == null) return false;
  const personal = field.args.filter(({ astNode }) => astNode && getDirectiveValues(directive, astNode));
  if (personal.length === 0) return false;
  try {
    const values = getArgumentValues(field, node, coerceVariables(args.schema, args));
    return personal.some(({ name }) => values[name] === true);
  } catch {
    return false;
  }
}
