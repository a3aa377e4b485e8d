import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';
import type { ServerContext } from './server-context.ts';

/** The largest body of a request without a token, in bytes: an introspection query has less than 3 KB. */
const MAX_ANONYMOUS_BYTES = 16_384;

/**
 * Limits the body of a request without a session before the body is read. Node's memory grows with the rate at which bodies
 * arrive, and for a while does not shrink again, so that strangers may send only what an introspection query needs.
 */
export const useAnonymousBodyLimit: Plugin<object, ServerContext> = {
  onRequestParse({ request, serverContext, requestParser, setRequestParser, fetchAPI }) {
    if (serverContext.session !== undefined || requestParser === undefined) return;
    if (Number(request.headers.get('content-length') ?? 0) > MAX_ANONYMOUS_BYTES) throw tooLarge();
    setRequestParser(async (unread) => {
      if (unread.body === null) return requestParser(unread);
      const { url, method, headers } = unread;
      const body = await readAtMost(unread.body, MAX_ANONYMOUS_BYTES);
      return requestParser(new fetchAPI.Request(url, { method, headers, body }));
    });
  },
};

/** Reads a body whose length its headers may not say. */
async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function tooLarge(): GraphQLError {
  const code: ErrorCode = 'LIMIT_EXCEEDED';
  return new GraphQLError(`Send a token: without one a body may have at most ${MAX_ANONYMOUS_BYTES} bytes.`, {
    extensions: { code, http: { status: 413, spec: false } },
  });
}
