import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { ErrorCode } from '../errors.ts';
import type { OperationContext, ViewerSession } from '../graphql/context.ts';
import type { SentDocument } from '../graphql/document-id.ts';
import type { Documents } from '../graphql/documents.ts';
import type { OperationLog } from '../graphql/operation-log.ts';
import { isTooDeep, TOO_DEEP } from './nesting.ts';

/** What runs operations. */
export interface Engine {
  readonly schema: GraphQLSchema;
  readonly execute: (args: ExecutionArgs) => Answer | Promise<Answer>;
  readonly subscribe: (args: ExecutionArgs) => Answer | Promise<Answer>;
}

/** A result, or an AsyncIterable of results. */
type Answer = ExecutionResult | AsyncGenerator<ExecutionResult>;

/** What operations are prepared by. */
export interface OperationServices extends Pick<Engine, 'schema'> {
  readonly documents: Pick<Documents, 'read'>;
  readonly operations: Pick<OperationLog, 'refused' | 'overLimit'>;
}

/** An operation as it comes over a connection with many. Its `query` is empty where a hash stands for the document. */
export type OperationPayload = SubscribePayload & Pick<SentDocument, 'documentId'>;

type ConnectionContext = Pick<OperationContext, 'session' | 'onAbandon'>;

/**
 * Parses and validates an operation that comes over a connection with many. Whatever is wrong with it, or thrown, becomes its
 * error, and the connection lives on.
 */
export function prepareOperation(
  services: OperationServices,
  payload: OperationPayload,
  context: ConnectionContext,
): ExecutionArgs | GraphQLError[] {
  const { session } = context;
  const noteRefusal = (errors: readonly unknown[]): void => {
    if (session !== undefined) services.operations.refused(session, errors, payload);
  };
  try {
    const args = readArgs(services, payload, context);
    if (Array.isArray(args)) noteRefusal(args);
    return args;
  } catch (error) {
    noteRefusal([error]);
    throw error;
  }
}

function readArgs(
  { schema, documents }: OperationServices,
  payload: OperationPayload,
  context: ConnectionContext,
): ExecutionArgs | GraphQLError[] {
  const { operationName, variables, extensions } = payload;
  if (isTooDeep(variables)) return [badInput(TOO_DEEP)];
  const { document, faults } = documents.read(payload, context.session === undefined ? 'stranger' : 'user');
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
function forgetText(payload: OperationPayload, document: ExecutionArgs['document']): void {
  const text = document.loc?.source.body;
  if (text === payload.query) Object.assign(payload, { query: text });
}

/**
 * The error of an operation that is one too many.
 * @param most how many may run.
 */
export function refuseOneMore(
  operations: Pick<OperationLog, 'refused' | 'overLimit'>,
  session: ViewerSession | undefined,
  payload: OperationPayload,
  most: number,
): GraphQLError {
  const error = tooManyOperations(most);
  if (session !== undefined) {
    operations.overLimit(session, 'subscriptions-per-connection');
    operations.refused(session, [error], payload);
  }
  return error;
}

function tooManyOperations(most: number): GraphQLError {
  return new GraphQLError(`At most ${most} operations may run on a connection.`, {
    extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode },
  });
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } });
}
