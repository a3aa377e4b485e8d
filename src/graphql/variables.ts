import { type DocumentNode, type GraphQLSchema, getOperationAST, getVariableValues } from 'graphql';

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
