import { type ExecutionArgs, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { ErrorCode } from '../errors.ts';
import type { OperationContext } from '../graphql/context.ts';
import type { Documents } from '../graphql/documents.ts';
import { isTooDeep, TOO_DEEP } from './nesting.ts';

/** What operations are prepared by. */
export interface OperationServices {
  readonly schema: GraphQLSchema;
  readonly documents: Pick<Documents, 'read'>;
}

/**
 * Parses and validates an operation that comes over a connection with many. Whatever is wrong with it, or thrown, becomes its
 * error, and the connection lives on.
 */
export function prepareOperation(
  { schema, documents }: OperationServices,
  payload: SubscribePayload,
  context: Pick<OperationContext, 'session' | 'onAbandon'>,
): ExecutionArgs | GraphQLError[] {
  const { query, operationName, variables, extensions } = payload;
  if (isTooDeep(variables)) return [badInput(TOO_DEEP)];
  const { document, faults } = documents.read(query, context.session === undefined ? 'stranger' : 'user');
  if (faults.length > 0) return [...faults];
  if (getOperationAST(document, operationName) == null) {
    return [
      badInput('Name the operation to run in operationName: the document has several, or none of that name.'),
    ];
  }
  forgetText(payload, document);
  const contextValue: OperationContext = {
    ...context,
    params: { extensions: { after: extensions?.['after'], pastMs: extensions?.['pastMs'] } }, // all that is used of them
  };
  return {
    schema,
    document,
    contextValue,
    operationName: operationName ?? null,
    variableValues: variables ?? null,
  };
}

/**
 * graphql-ws keeps the message for as long as the operation runs. Many operations have the same text, so the message refers to the
 * text in the cache of documents.
 */
function forgetText(payload: SubscribePayload, document: ExecutionArgs['document']): void {
  const text = document.loc?.source.body;
  if (text === payload.query) Object.assign(payload, { query: text });
}

/** @param most how many may run. */
export function tooManyOperations(most: number): GraphQLError {
  return new GraphQLError(`At most ${most} operations may run on a connection.`, {
    extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode },
  });
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } });
}
