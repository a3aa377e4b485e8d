import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';
import { type SentDocument, sentId } from '../graphql/document-id.ts';
import { isTooDeep, TOO_DEEP } from './nesting.ts';
import { searchOf } from './paths.ts';

/** Reads what a request asks for. Refuses parameters that cannot be read, or that somebody could fail at who reads them. */
export const useReadableRequest: Plugin = {
  onRequestParse({ requestParser, setRequestParser }) {
    if (requestParser === undefined) return;
    setRequestParser(async (request) => {
      try {
        const params = await requestParser(request);
        if (isTooDeep(params)) throw badRequest(TOO_DEEP);
        return withDocument(params, request);
      } catch (error) {
        // Yoga reads `variables` and `extensions` of a URL or form with a bare JSON.parse, whose error would count as ours.
        if (error instanceof SyntaxError)
          throw badRequest('The parameters variables and extensions must be JSON.');
        throw error;
      }
    });
  },
};

function badRequest(message: string): GraphQLError {
  const code: ErrorCode = 'BAD_USER_INPUT';
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}

type Parsed = GraphQLParams | GraphQLParams[] | Response;

/** Yoga does not read the `documentId` of a URL, and expects a `query`: it is empty where a hash stands for the document. */
function withDocument(parsed: Parsed, request: Request): Parsed {
  if (!isOne(parsed)) return parsed;
  const documentId = request.method === 'GET' ? idInUrl(request) : parsed.documentId;
  const isByHash = parsed.query == null && sentId({ ...parsed, documentId }) !== undefined;
  return isByHash ? Object.assign(parsed, { documentId, query: '' }) : parsed;
}

const isOne = (parsed: Parsed): parsed is GraphQLParams & Pick<SentDocument, 'documentId'> =>
  !(Array.isArray(parsed) || parsed instanceof Response);

const idInUrl = (request: Request): string | undefined =>
  new URLSearchParams(searchOf(request)).get('documentId') ?? undefined;
