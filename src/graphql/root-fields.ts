import {
  type ExecutionArgs,
  type FieldNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { coerceVariables, isSelected, type Operation } from './variables.ts';

type Asked = Operation & { readonly schema: GraphQLSchema };

/** The one root field of operations that have nothing else at their root, and no condition: nearly all are so. Each client asks several times. */
const singleFields = new WeakMap<OperationDefinitionNode, readonly [FieldNode] | null>();

/** The root fields of an operation that `@skip` and `@include` leave in. Its document may be invalid. */
export function rootFields(operation: Asked): Iterable<FieldNode> {
  const asked = getOperationAST(operation.document, operation.operationName);
  if (asked == null) return [];
  let single = singleFields.get(asked);
  if (single === undefined) {
    single = singleFieldOf(asked);
    singleFields.set(asked, single);
  }
  return single ?? selectedFields(asked, operation);
}

function singleFieldOf({ selectionSet }: OperationDefinitionNode): readonly [FieldNode] | null {
  const [node, ...others] = selectionSet.selections;
  const isSingle = node?.kind === Kind.FIELD && !node.directives?.length && others.length === 0;
  return isSingle ? [node] : null;
}

function* selectedFields(
  asked: OperationDefinitionNode,
  { schema, ...operation }: Asked,
): Generator<FieldNode> {
  const { document } = operation;
  const seen = new Set<string>(); // an invalid document may have fragments that contain themselves
  yield* fieldsOf(asked.selectionSet);

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
