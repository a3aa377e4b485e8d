import {
  type ExecutionArgs,
  type FieldNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { coerceVariables, isSelected, type Operation } from './variables.ts';

/** The root fields of an operation that `@skip` and `@include` leave in. Its document may be invalid. */
export function* rootFields({
  schema,
  ...operation
}: Operation & { readonly schema: GraphQLSchema }): Generator<FieldNode> {
  const { document, operationName } = operation;
  const asked = getOperationAST(document, operationName);
  const seen = new Set<string>(); // an invalid document may have fragments that contain themselves
  if (asked != null) yield* fieldsOf(asked.selectionSet);

  function* fieldsOf({ selections }: SelectionSetNode): Generator<FieldNode> {
    for (const node of selections) {
      if (node.directives?.length && !isSelected(node.directives, coerceVariables(schema, operation)))
        continue;
      if (node.kind === Kind.FIELD) yield node;
      else if (node.kind === Kind.INLINE_FRAGMENT) yield* fieldsOf(node.selectionSet);
      else yield* fieldsOfFragment(node.name.value);
    }
  }

  function* fieldsOfFragment(name: string): Generator<FieldNode> {
    if (seen.has(name)) return;
    seen.add(name);
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name)
        return yield* fieldsOf(node.selectionSet);
    }
  }
}

/** The one field that a subscription subscribes to: others may stand before it, left out by `@skip` or `@include`. */
export function subscribedField(args: ExecutionArgs): FieldNode | undefined {
  for (const node of rootFields(args)) return node;
  return undefined;
}
