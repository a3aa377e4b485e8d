import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../auth/session.ts';
import { RateLimitError, SessionError } from '../errors.ts';
import type { Sender } from '../graphql/operation-log.ts';
import { sendAway } from './drain.ts';
import { EVENT_STREAM_HEADERS, endOf, KEEP_ALIVE_MS, retryHint } from './event-stream.ts';
import { badRequest, readJson, readOperation } from './operation-request.ts';
import {
  createOperationStream,
  type OperationStream,
  type OperationStreamOptions,
} from './operation-stream.ts';
import type { OriginCheck } from './origin.ts';
import { searchOf } from './paths.ts';
import type { UserConnections } from './presence.ts';
import { EXISTS, refuse } from './stream-refusals.ts';
import { createStreamReservations, type ReservationOptions, tokenOf } from './stream-reservations.ts';
import { createStreamSessions, type StreamSessionOptions } from './stream-sessions.ts';
import { addressOf } from './visitor.ts';

export interface SingleConnectionOptions
  extends OperationStreamOptions,
    ReservationOptions,
    Omit<StreamSessionOptions, 'operations'> {
  readonly maxMessageBytes: number;
  readonly isAllowedOrigin: OriginCheck;
}

export interface SingleConnection extends UserConnections {
  /** Whether a request is of this mode. */
  handles(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** How many streams are open. */
  readonly count: number;
  /** How many bytes wait for clients to read. */
  readonly outboxBytes: number;
  /** Ends every stream, one after the other, with a hint when to come back. */
  close(patienceMs: number): Promise<void>;
}

/** A request that opens a stream may carry all operations of a page: this many times the bytes of one message. */
const OPENING_MESSAGES = 4;
const MANY = /^text\/event-stream *; *operations=many$/i;

/**
 * GraphQL over SSE in single connection mode: one stream for all operations of a client. A stream is opened in one of two ways.
 * Stock clients reserve it, open it, and name it with each operation: all of that must reach the same process. Or one request brings
 * all operations (`Accept: text/event-stream; operations=many`), and any process will do.
 */
export function createSingleConnection(options: SingleConnectionOptions): SingleConnection {
  const { maxMessageBytes } = options;
  const sessions = createStreamSessions(options);
  const reservations = createStreamReservations(options, sessions, openStream);
  const open = new Map<OperationStream, { readonly response: ServerResponse; readonly session: Session }>();
  const timer = setInterval(() => {
    for (const stream of open.keys()) stream.sendPositions();
  }, KEEP_ALIVE_MS);

  function openStream(response: ServerResponse, session: Session): OperationStream {
    const stream = createOperationStream(response, session, options);
    open.set(stream, { response, session });
    session.onEnd(() => setImmediate(() => stream.end(''))); // after its operations have said why
    response.once('close', () => {
      open.delete(stream);
      session.close();
    });
    response.writeHead(200, EVENT_STREAM_HEADERS);
    stream.sendPositions(); // also since some browsers wait for the first byte
    return stream;
  }

  async function openForMany(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = await sessions.connect(request);
    try {
      const body = await readJson(request, OPENING_MESSAGES * maxMessageBytes);
      if (!Array.isArray(body)) throw badRequest('The body must be a list of operations.');
      const operations = body.map(readOperation);
      if (new Set(operations.map(({ id }) => id)).size < operations.length)
        throw badRequest('Each operation of a list must have an operationId of its own.');
      if (response.destroyed) return session.close();
      const stream = openStream(response, session);
      for (const { id, payload } of operations) stream.run(id, payload);
    } catch (error) {
      session.close();
      throw error;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.method) {
      case 'PUT':
        return reservations.reserve(request, response);
      case 'GET':
        return reservations.open(request, response);
      case 'DELETE': {
        const stream = await reservations.use(request);
        stream.stop(new URLSearchParams(searchOf(request)).get('operationId') ?? '');
        response.writeHead(200).end();
        return;
      }
      default: {
        if (isForMany(request)) return openForMany(request, response);
        const stream = await reservations.use(request);
        const { id, payload } = readOperation(await readJson(request, maxMessageBytes));
        if (!stream.run(id, payload)) throw EXISTS;
        response.writeHead(202).end();
      }
    }
  }

  return {
    handles,
    *ofUser(userId) {
      for (const [stream, { session }] of open)
        if (session.identity.viewer.id === userId) yield { session, results: stream.results() };
    },
    async handle(request, response) {
      allowOrigin(request, response, options);
      try {
        await answer(request, response);
      } catch (error) {
        noteRefusal(error, sessions.senderOf(request), options);
        refuse(response, error, options);
      }
    },
    get count() {
      return open.size;
    },
    get outboxBytes() {
      return [...open.values()].reduce((sum, { response }) => sum + response.writableLength, 0);
    },
    async close(patienceMs) {
      clearInterval(timer);
      reservations.close();
      await sendAway(
        open,
        async ([stream, { response }]) => {
          stream.end(retryHint());
          await endOf(response);
        },
        patienceMs,
      );
    },
  };
}

function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  { isAllowedOrigin, admission }: Pick<SingleConnectionOptions, 'isAllowedOrigin' | 'admission'>,
): void {
  const { origin } = request.headers;
  response.setHeader('vary', 'Origin');
  if (origin !== undefined && isAllowedOrigin(request.headers, addressOf(request, admission)))
    response.setHeader('access-control-allow-origin', origin);
}

/** Notes what else is refused: sessions and limits have been noted where they were. */
function noteRefusal(
  error: unknown,
  sender: Sender,
  { operations }: Pick<SingleConnectionOptions, 'operations'>,
): void {
  if (error instanceof SessionError || error instanceof RateLimitError) return;
  operations.refused(sender, [error]);
}

/** Everything else, such as a PUT with a document, is left to Yoga. */
function handles(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const isNamed = tokenOf(request) !== undefined;
  if (method === 'PUT')
    return Number(headers['content-length'] ?? 0) === 0 && headers['transfer-encoding'] === undefined;
  if (method === 'POST') return isNamed || isForMany(request);
  return isNamed && (method === 'GET' || method === 'DELETE');
}

const isForMany = ({ headers }: IncomingMessage): boolean => MANY.test(headers.accept ?? '');
