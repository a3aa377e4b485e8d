import { GraphQLError } from 'graphql';
import { type ErrorCode, SessionError } from '../errors.ts';
import { tooMuch } from './document-limits.ts';
import type { TidyMessage } from './error-text.ts';
import { toGraphQLError } from './mask-error.ts';

/** Who sent a document: somebody with a session, or without. */
export type Sender = 'user' | 'stranger';

/** Of how many nodes a fault gives the place. */
const MAX_PLACES = 5;

/** `spec`: a client that asks for application/json gets 200, as GraphQL over HTTP has it. */
export const BAD_DOCUMENT = { status: 400, spec: true };

/** What graphql-js says when a document costs its rules too much. */
const ABORTED = 'Validation aborted.';

/** Describes what is wrong with a document as it is sent: with a code, and no longer than need be. */
export function describeFault(fault: GraphQLError, tidy: TidyMessage): GraphQLError {
  if (fault.message === ABORTED) return withStatus(tooMuch('Use fewer operations, fragments and variables.'));
  const code: unknown = fault.extensions['code'] ?? ('GRAPHQL_VALIDATION_FAILED' satisfies ErrorCode);
  return new GraphQLError(tidy(fault.message), {
    nodes: fault.nodes?.slice(0, MAX_PLACES) ?? null,
    extensions: { code, http: fault.extensions['http'] ?? BAD_DOCUMENT },
  });
}

/** A stranger asks for more than strangers may: the same answer as where a field needs a session. */
export function signInFirst(nodes?: GraphQLError['nodes']): GraphQLError {
  const { message, extensions } = toGraphQLError(new SessionError('missing'));
  // It is no fault of the document, so that its status does not depend on the media type of the answer.
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { ...extensions, http: { status: 401, spec: false } },
  });
}

/** Describes why a text could not be parsed. */
export function describeParseError(
  error: unknown,
  sender: Sender,
  maxTokens: number,
  tidy: TidyMessage,
): unknown {
  // graphql-js parses by recursion: brackets alone exhaust the stack before the tokens are counted out.
  if (error instanceof RangeError) return withStatus(tooMuch('Nest values less deeply.'));
  if (!(error instanceof GraphQLError)) return error;
  if (error.message.includes('tokens. Parsing aborted'))
    return sender === 'user' ? withStatus(tooMuch(`Send at most ${maxTokens} tokens.`)) : signInFirst();
  const { message, source, positions } = error;
  const code: ErrorCode = 'GRAPHQL_PARSE_FAILED';
  return new GraphQLError(tidy(message), {
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code, http: BAD_DOCUMENT },
  });
}

function withStatus({ message, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { extensions: { ...extensions, http: BAD_DOCUMENT } });
}
