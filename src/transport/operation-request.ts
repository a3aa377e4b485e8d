import type { IncomingMessage } from 'node:http';
import { LiveError } from '../errors.ts';
import { sentId } from '../graphql/document-id.ts';
import { isTooDeep, TOO_DEEP } from './nesting.ts';
import type { OperationPayload } from './operation-args.ts';

/** An operation for a stream that carries many. */
export interface NamedOperation {
  readonly id: string;
  readonly payload: OperationPayload;
}

/** The longest name of an operation. */
const MAX_ID_LENGTH = 128;

/** Reads a body of JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new LiveError('LIMIT_EXCEEDED', `A body may have at most ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw badRequest('The body must be JSON.');
  }
  if (isTooDeep(body)) throw badRequest(TOO_DEEP);
  return body;
}

/** @throws where a value is no operation with a name. */
export function readOperation(value: unknown): NamedOperation {
  if (!isRecord(value)) throw badRequest('An operation must be an object.');
  const { operationName, variables, extensions, documentId } = value;
  const query = value['query'] ?? (sentId(value) === undefined ? undefined : '');
  if (typeof query !== 'string') throw badRequest('An operation must have a query: a string.');
  if (operationName != null && typeof operationName !== 'string')
    throw badRequest('operationName must be a string.');
  if (variables != null && !isRecord(variables)) throw badRequest('variables must be an object.');
  const id = isRecord(extensions) ? extensions['operationId'] : undefined;
  if (!isRecord(extensions) || typeof id !== 'string' || id.length > MAX_ID_LENGTH)
    throw badRequest(`extensions.operationId must be a string of at most ${MAX_ID_LENGTH} characters.`);
  return {
    id,
    payload: {
      query,
      extensions,
      operationName: operationName ?? null,
      variables: variables ?? null,
      ...(documentId != null && { documentId }),
    },
  };
}

export function badRequest(message: string): LiveError {
  return new LiveError('BAD_USER_INPUT', message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
