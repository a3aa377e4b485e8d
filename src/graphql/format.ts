import type { FormattedExecutionResult, GraphQLError } from 'graphql';

type Result = { readonly errors?: readonly GraphQLError[] | undefined } & object;

/** A result as it is sent. */
export function formatResult({ errors, ...result }: Result): FormattedExecutionResult {
  return { ...result, ...(errors !== undefined && { errors: errors.map(formatError) }) };
}

/** An error as it is sent: without what Yoga keeps in it for HTTP. */
export function formatError(error: GraphQLError): ReturnType<GraphQLError['toJSON']> {
  const { extensions, ...formatted } = error.toJSON();
  const { http: _http, ...shown } = extensions ?? {};
  return { ...formatted, extensions: shown };
}
