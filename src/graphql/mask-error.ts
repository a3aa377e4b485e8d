import { GraphQLError, type GraphQLErrorExtensions, type GraphQLErrorOptions } from 'graphql';
import { type ErrorCode, LiveError, messageOf, RateLimitError, toErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createTidyMessage, type TidyMessage } from './error-text.ts';

/** What an HTTP response says besides; Yoga takes it out of the error again. Everything else answers 200. */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, SERVICE_UNAVAILABLE: 503 };

/** Yoga's own codes for a request that is malformed, in our words. */
const CODE_OF_YOGA: Record<string, ErrorCode> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  REQUEST_ENTITY_TOO_LARGE: 'LIMIT_EXCEEDED',
};

/**
 * Makes a mask: expected errors pass with their code, anything else is logged and leaves as `INTERNAL_SERVER_ERROR`.
 * @param tidy what of a message is sent: it may quote its client at length. Default: it is cut, and suggestions stay.
 */
export function createErrorMask(
  log: Logger,
  tidy: TidyMessage = createTidyMessage({ hideSuggestions: false }),
): (error: unknown) => GraphQLError {
  return (error) => {
    const expected = expectedError(error, tidy);
    if (expected !== undefined) return expected;
    log.error({ err: originalOf(error), path: pathOf(error) }, 'unexpected error');
    return new GraphQLError('Something went wrong on our side. It has been logged.', {
      ...placeOf(error),
      extensions: { code: 'INTERNAL_SERVER_ERROR' satisfies ErrorCode, http: { status: 500 } },
    });
  };
}

/** An error that a client may see, as GraphQL error, if it is one. */
function expectedError(error: unknown, tidy: TidyMessage): GraphQLError | undefined {
  const original = originalOf(error);
  if (original instanceof LiveError) return toGraphQLError(original, placeOf(error));
  if (!(error instanceof GraphQLError) || (original !== error && !(original instanceof GraphQLError)))
    return undefined;
  const code = original instanceof GraphQLError ? original.extensions['code'] : undefined;
  // graphql-js raises errors without a code for what a client got wrong: variables, arguments, an unknown operation name.
  const ours =
    typeof code === 'string' ? (CODE_OF_YOGA[code] ?? code) : ('BAD_USER_INPUT' satisfies ErrorCode);
  const message = tidy(error.message);
  if (ours === code && message === error.message) return error;
  // Of Yoga's extensions only what it needs itself: others quote the request, and so perhaps a token.
  const { http } = error.extensions;
  return new GraphQLError(message, {
    ...placeOf(error),
    // A request that cannot be read is no GraphQL yet, so its status does not depend on the media type of the answer.
    extensions: { code: ours, ...(typeof http === 'object' && { http: { ...http, spec: false } }) },
  });
}

/** The code that a client sees of an error. */
export function codeOfError(error: unknown): ErrorCode {
  const original = originalOf(error);
  if (original instanceof LiveError) return original.code;
  if (!(error instanceof GraphQLError) || !(original instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR';
  const code = original.extensions['code'];
  return typeof code === 'string' ? toErrorCode(CODE_OF_YOGA[code] ?? code) : 'BAD_USER_INPUT';
}

export function toGraphQLError(error: LiveError, place: ErrorPlace = {}): GraphQLError {
  const http = httpOf(error);
  return new GraphQLError(error.message, {
    ...place,
    extensions: { code: error.code, ...(http !== undefined && { http }) },
  });
}

function httpOf(error: LiveError): GraphQLErrorExtensions['http'] {
  if (error instanceof RateLimitError)
    return { status: 429, headers: { 'retry-after': `${error.retryAfterSeconds}` } };
  const status = HTTP_STATUS[error.code];
  return status === undefined ? undefined : { status };
}

/** Where in a document an error arose. */
type ErrorPlace = Pick<GraphQLErrorOptions, 'nodes' | 'path'>;

function placeOf(error: unknown): ErrorPlace {
  return error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
}

function pathOf(error: unknown): string | undefined {
  return error instanceof GraphQLError ? error.path?.join('.') : undefined;
}

/** GraphQL wraps what a resolver throws, at times more than once. */
function originalOf(error: unknown): Error {
  if (error instanceof GraphQLError && error.originalError !== undefined)
    return originalOf(error.originalError);
  return error instanceof Error ? error : new Error(messageOf(error));
}
