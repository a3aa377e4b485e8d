import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { hasRole, type RoleClass, type Scope } from '../auth/access.ts';
import { type ErrorCode, LiveError } from '../errors.ts';
import { requiredRole } from './directives.ts';
import { coerceVariables, isSelected, type Operation } from './variables.ts';

/** A selected field that needs a role, and the `@skip` and `@include` that decide whether it really is selected. */
interface GuardedField {
  readonly role: RoleClass;
  readonly path: readonly string[];
  readonly node: FieldNode;
  readonly conditions: readonly (readonly DirectiveNode[])[];
}

/** Refuses an operation before it runs if it selects a field that needs a role which the viewer does not have. */
export type RoleGuard = (operation: Operation, scope: Scope) => GraphQLError | undefined;

export function createRoleGuard(schema: GraphQLSchema): RoleGuard {
  // Found once for each operation there is, not for each name that is asked for; dropped together with its document.
  const known = new WeakMap<OperationDefinitionNode, readonly GuardedField[]>();

  function guardedFields({ document, operationName }: Operation): readonly GuardedField[] {
    const operation = getOperationAST(document, operationName);
    if (operation == null) return [];
    const fields = known.get(operation) ?? findGuardedFields(schema, document, operation);
    known.set(operation, fields);
    return fields;
  }

  return (operation, scope) => {
    const forbidden = guardedFields(operation).filter(({ role }) => !hasRole(scope, role));
    if (forbidden.length === 0) return undefined;
    const variables = coerceVariables(schema, operation);
    const refused = forbidden.find(({ conditions }) =>
      conditions.every((nodes) => isSelected(nodes, variables)),
    );
    if (refused === undefined) return undefined;
    const { message, code } = new LiveError(
      'FORBIDDEN',
      `Your role may not see ${refused.path.join('.')}. Leave it out.`,
    );
    return new GraphQLError(message, {
      nodes: refused.node,
      path: refused.path,
      extensions: { code: code satisfies ErrorCode },
    });
  };
}

/** Walks the fields of a valid operation. Its size is bounded by the document limits. */
function findGuardedFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): GuardedField[] {
  const root = schema.getRootType(operation.operation);
  if (root == null) return [];
  const found: GuardedField[] = [];
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

  function walk(
    selections: readonly SelectionNode[],
    type: GraphQLObjectType,
    path: readonly string[],
    outer: GuardedField['conditions'],
  ): void {
    for (const node of selections) {
      const conditions = node.directives?.length ? [...outer, node.directives] : outer;
      if (node.kind === Kind.FIELD) {
        walkField(node, type, path, conditions);
      } else {
        // The schema has no interfaces or unions, so a fragment is always on the type it stands in.
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        walk(fragment?.selectionSet.selections ?? [], type, path, conditions);
      }
    }
  }

  function walkField(
    node: FieldNode,
    parent: GraphQLObjectType,
    outerPath: readonly string[],
    conditions: GuardedField['conditions'],
  ): void {
    const field = parent.getFields()[node.name.value];
    if (field === undefined) return; // introspection
    const path = [...outerPath, (node.alias ?? node.name).value];
    const role = requiredRole(schema, field);
    if (role !== undefined) found.push({ role, path, node, conditions });
    const type = getNamedType(field.type);
    if (isObjectType(type)) walk(node.selectionSet?.selections ?? [], type, path, conditions);
  }

  walk(operation.selectionSet.selections, root, [], []);
  return found;
}
