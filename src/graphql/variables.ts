import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
} from 'graphql';

/** An operation as a client sends it. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The variables as execution will see them, with their defaults. Faulty ones are left to execution to report. */
export function coerceVariables(
  schema: GraphQLSchema,
  { document, operationName, variableValues }: Operation,
): Readonly<Record<string, unknown>> {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return getVariableValues(schema, definitions, variableValues ?? {}).coerced ?? {};
}

/** Whether `@skip` and `@include` leave in what they stand at. */
export function isSelected(
  directives: readonly DirectiveNode[],
  variables: Readonly<Record<string, unknown>>,
): boolean {
  try {
    const skip = getDirectiveValues(GraphQLSkipDirective, { directives }, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, { directives }, variables);
    return skip?.['if'] !== true && include?.['if'] !== false;
  } catch {
    return true; // a condition that cannot be read does not open anything; execution will report it
  }
}
