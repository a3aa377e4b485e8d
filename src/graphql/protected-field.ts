import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * The first field of the API that a document selects at the root of an operation. Each of them needs a session (a schema where
 * one does not is refused at start, see directives.ts), so that such a document of a stranger need not be looked at further.
 */
export function findProtectedField(schema: GraphQLSchema, document: DocumentNode): FieldNode | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }

  function find(
    { selections }: SelectionSetNode,
    root: GraphQLObjectType,
    spread: Set<string>,
  ): FieldNode | undefined {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        if (root.getFields()[node.name.value] !== undefined) return node;
        continue;
      }
      const inner =
        node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : spreadOnce(node.name.value, spread);
      const field = inner && find(inner, root, spread);
      if (field !== undefined) return field;
    }
    return undefined;
  }

  function spreadOnce(name: string, spread: Set<string>): SelectionSetNode | undefined {
    if (spread.has(name)) return undefined;
    spread.add(name);
    return fragments.get(name)?.selectionSet;
  }

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const root = schema.getRootType(node.operation);
    const field = root == null ? undefined : find(node.selectionSet, root, new Set());
    if (field !== undefined) return field;
  }
  return undefined;
}
