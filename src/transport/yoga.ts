import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Session } from '../auth/session.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Visitor } from '../auth/viewer.ts';
import type { ErrorCode } from '../errors.ts';
import type { Context, OperationContext } from '../graphql/context.ts';
import { askedOf } from '../graphql/describe-operation.ts';
import type { Documents, ReadDocument } from '../graphql/documents.ts';
import { createSubscribe } from '../graphql/execute-events.ts';
import type { OperationLog } from '../graphql/operation-log.ts';
import { createRoleGuard } from '../graphql/role-guard.ts';
import type { Logger } from '../log.ts';
import type { Admission } from './admission/admission.ts';
import { useAnonymousBodyLimit } from './anonymous-body.ts';
import { bearerOf } from './bearer.ts';
import type { OriginCheck } from './origin.ts';
import { GRAPHQL_PATH } from './paths.ts';
import { useReadableRequest } from './readable-request.ts';
import { type RequestRecord, recordRequests } from './request-record.ts';
import type { ServerContext } from './server-context.ts';
import type { EventStreams } from './sse.ts';
import { addressOf, visitorOf } from './visitor.ts';

export type Yoga = YogaServerInstance<ServerContext, Context>;

export interface YogaOptions {
  readonly schema: GraphQLSchema;
  /** Runs each subscription once for all who may see the same. */
  readonly sharing: Plugin;
  /** Sends what is subscribed to over SSE. */
  readonly eventStreams: Pick<EventStreams, 'plugin'>;
  readonly maskError: (error: unknown) => GraphQLError;
  /** A request was answered with errors. For metrics. */
  readonly onErrors: (errors: readonly GraphQLError[]) => void;
  readonly sessions: Pick<Sessions, 'start' | 'refused'>;
  readonly admission: Pick<Admission, 'visitOf'>;
  readonly documents: Pick<Documents, 'read'>;
  readonly operations: OperationLog;
  /** The largest request body, in bytes. */
  readonly maxMessageBytes: number;
  readonly isAllowedOrigin: OriginCheck;
  readonly log: Logger;
}

/** GraphQL over HTTP and SSE. Its envelope also runs the operations of WebSockets, except subscriptions that are shared (app/graphql.ts). */
export function createGraphQLServer(options: YogaOptions): Yoga {
  const { admission, log } = options;
  const record = recordRequests(options.operations);
  const quiet = (...details: unknown[]): void => log.trace({ details: details.length }, 'yoga');
  return createYoga<ServerContext, Context>({
    schema: options.schema,
    graphqlEndpoint: GRAPHQL_PATH,
    landingPage: false,
    multipart: false,
    batching: false,
    extraParamNames: ['documentId'],
    maxRequestBodySize: options.maxMessageBytes,
    parserAndValidationCache: false, // it keeps what anybody sends, of any size
    // Whatever matters is logged by the mask; Yoga's own lines could quote a request.
    logging: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    maskedErrors: { maskError: options.maskError, errorMessage: '' },
    cors(request, context) {
      const { req }: ServerContext = context ?? {}; // as http.ts has passed it
      const origin = request.headers.get('origin') ?? undefined;
      const host = request.headers.get('host') ?? undefined;
      const isAllowed = options.isAllowedOrigin(
        { ...(origin && { origin }), ...(host && { host }) },
        addressOf(req, admission),
      );
      return isAllowed ? { origin: origin ?? [], methods: ['GET', 'POST'], credentials: false } : false;
    },
    graphiql: false, // served before a request gets here
    plugins: [
      useSession(options, record),
      useAnonymousBodyLimit,
      useReadableRequest,
      useVaryByOrigin,
      useDocuments(options, record),
      useStreamOnly,
      record.reached,
      options.sharing, // before all that looks at subscriptions or their results, which thereby do so once for an audience
      useRoleGuard(options),
      record.running,
      options.eventStreams.plugin,
      useErrorCount(options),
      record.others,
      useSharedExecution(options), // the last, since nothing of Yoga's is to look at what it answers
    ],
  });
}

/** Verifies a request's token before anything else is paid for. No token is no error yet: the fields decide. */
function useSession(
  { sessions, admission }: Pick<YogaOptions, 'sessions' | 'admission'>,
  record: RequestRecord,
): Plugin<Context, ServerContext> {
  async function signIn(authorization: string, visitor: Visitor, { req }: ServerContext): Promise<Session> {
    const token = bearerOf(authorization, sessions, visitor);
    const visit = req && admission.visitOf(req);
    const start = (): Promise<Session> => sessions.start(token, visitor);
    return visit === undefined ? start() : visit.signIn(start);
  }

  return {
    async onRequestParse({ request, serverContext }) {
      const transport = request.headers.get('accept')?.toLowerCase().includes('text/event-stream')
        ? 'event stream'
        : 'http';
      const visitor = visitorOf(serverContext.req, admission, transport);
      serverContext.visitor = visitor;
      const authorization = request.headers.get('authorization');
      if (authorization === null) return;
      const session = await signIn(authorization, visitor, serverContext).catch((error: unknown) => {
        record.isDone(request); // the refused session is a line already
        throw error;
      });
      const response = serverContext.res;
      if (response === undefined || response.destroyed) return session.close();
      response.once('close', () => session.close());
      serverContext.session = session;
    },
  };
}

/** What a page of one origin may read depends on the origin, so that no cache may answer another one with it. */
const useVaryByOrigin: Plugin = {
  onResponse({ response }) {
    response.headers.append('vary', 'Origin');
  },
};

/** Reads documents once, both to parse and to validate them. The session is known by now, so that what is paid is known too. */
function useDocuments(
  { documents, operations }: Pick<YogaOptions, 'documents' | 'operations'>,
  record: RequestRecord,
): Plugin<OperationContext, ServerContext> {
  function read(query: string, { session, visitor, request, params }: OperationContext): ReadDocument {
    const sent = { query, documentId: params?.documentId, extensions: params?.extensions };
    const noteRefusal = (errors: readonly unknown[]): void => {
      const sender = session ?? visitor;
      if (sender !== undefined) operations.refused(sender, errors, sent);
      if (request !== undefined) record.isDone(request);
    };
    try {
      const found = documents.read(sent, session === undefined ? 'stranger' : 'user');
      if (found.faults.length > 0) noteRefusal(found.faults);
      return found;
    } catch (error) {
      noteRefusal([error]);
      throw error;
    }
  }

  const faults = new WeakMap<DocumentNode, ReadDocument['faults']>();
  return {
    onParse({ context, params, setParsedDocument }) {
      const found = read(String(params.source), context);
      faults.set(found.document, found.faults);
      setParsedDocument(found.document);
    },
    onValidate({ params, setResult }) {
      const found = faults.get(params.documentAST);
      if (found === undefined) throw new Error('A document is to be executed that was not read.');
      setResult(found);
    },
  };
}

/** All that is answered passes here, except the event streams of subscriptions that run. */
function useErrorCount({ onErrors }: Pick<YogaOptions, 'onErrors'>): Plugin {
  return {
    onResultProcess({ result }) {
      if ('errors' in result && result.errors !== undefined) onErrors(result.errors);
    },
  };
}

function useRoleGuard({
  schema,
  operations,
}: Pick<YogaOptions, 'schema' | 'operations'>): Plugin<OperationContext> {
  const guard = createRoleGuard(schema);
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { session } = args.contextValue;
      const refusal = session && guard(args, session.scope);
      if (session === undefined || refusal === undefined) return;
      operations.refused(session, [refusal], askedOf(args));
      setResultAndStopExecution({ errors: [refusal] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const { audience } = args.contextValue;
      const refusal = audience && guard(args, audience.scope);
      if (refusal !== undefined) setResultAndStopExecution({ errors: [refusal] });
    },
  };
}

/**
 * Runs a subscription that many share. Its answers are masked already: Yoga's own mask looks at each result, and made a quarter of the
 * garbage of an event that one client receives.
 */
function useSharedExecution({ maskError }: Pick<YogaOptions, 'maskError'>): Plugin<OperationContext> {
  const subscribe = createSubscribe(maskError);
  return {
    async onSubscribe({ args, setResultAndStopExecution }) {
      if (args.contextValue.audience !== undefined) setResultAndStopExecution(await subscribe(args));
    },
  };
}

/** A subscription over HTTP needs a client that accepts an event stream. Others are refused before anything is opened. */
const useStreamOnly: Plugin<Context> = {
  onSubscribe({ args, setResultAndStopExecution }) {
    const { request }: { request?: Request } = args.contextValue;
    const accept = request?.headers.get('accept') ?? '*/*';
    if (/text\/(event-stream|\*)|\*\/\*/.test(accept)) return;
    const message = 'Subscriptions need a WebSocket, or the header Accept: text/event-stream.';
    const code: ErrorCode = 'BAD_USER_INPUT';
    setResultAndStopExecution({
      errors: [new GraphQLError(message, { extensions: { code, http: { status: 406 } } })],
    });
  },
};
