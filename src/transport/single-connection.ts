import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Quota } from '../auth/quota.ts';
import { RefusedToken } from '../auth/refused-token.ts';
import type { Session } from '../auth/session.ts';
import type { Sessions } from '../auth/sessions.ts';
import { RateLimitError } from '../errors.ts';
import type { Admission } from './admission/admission.ts';
import { bearerOf } from './bearer.ts';
import { sendAway } from './drain.ts';
import { EVENT_STREAM_HEADERS, endOf, KEEP_ALIVE_MS, retryHint } from './event-stream.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import { badRequest, readJson, readOperation } from './operation-request.ts';
import {
  createOperationStream,
  type OperationStream,
  type OperationStreamOptions,
} from './operation-stream.ts';
import type { OriginCheck } from './origin.ts';
import { searchOf } from './paths.ts';
import { EXISTS, NO_STREAM, refuse, TAKEN } from './stream-refusals.ts';

export interface SingleConnectionOptions extends OperationStreamOptions, IntakeLimits {
  readonly sessions: Pick<Sessions, 'start' | 'refused'>;
  /** Counts the connections of each user. */
  readonly connections: Quota;
  readonly admission: Pick<Admission, 'visitOf'>;
  readonly maxMessageBytes: number;
  readonly isAllowedOrigin: OriginCheck;
  /** A client has sent too much. */
  readonly onOverrun: (address: string) => void;
}

export interface SingleConnection {
  /** Whether a request is of this mode. */
  handles(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** How many streams are open. */
  readonly count: number;
  /** Ends every stream, one after the other, with a hint when to come back. */
  close(patienceMs: number): Promise<void>;
}

/** What a stream is reserved for, and by whom it is used. */
interface Reservation {
  readonly session: Session;
  readonly intake: Intake;
  stream: OperationStream | undefined;
  /** Ends it where no stream was opened. */
  cancel(): void;
}

/** How long a reservation waits for its stream, in milliseconds. */
const RESERVED_MS = 10_000;
/** A request that opens a stream may carry all operations of a page: this many times the bytes of one message. */
const OPENING_MESSAGES = 4;
const TOKEN_HEADER = 'x-graphql-event-stream-token';
const MANY = /^text\/event-stream *; *operations=many$/i;

/**
 * GraphQL over SSE in single connection mode: one stream for all operations of a client. A stream is opened in one of two ways.
 * Stock clients reserve it, open it, and name it with each operation: all of that must reach the same process. Or one request brings
 * all operations (`Accept: text/event-stream; operations=many`), and any process will do.
 */
export function createSingleConnection(options: SingleConnectionOptions): SingleConnection {
  const { sessions, connections, admission, maxMessageBytes } = options;
  const reservations = new Map<string, Reservation>();
  const open = new Map<OperationStream, ServerResponse>();
  const timer = setInterval(() => {
    for (const stream of open.keys()) stream.sendPositions();
  }, KEEP_ALIVE_MS);

  function signIn(request: IncomingMessage): Promise<Session> {
    const { authorization } = request.headers;
    if (authorization === undefined)
      throw sessions.refused(new RefusedToken('missing', 'no header Authorization'));
    const token = bearerOf(authorization, sessions);
    return admit(request, () => sessions.start(token));
  }

  /** A client that gets in by `start` no longer counts as a stranger. */
  function admit<Found>(request: IncomingMessage, start: () => Promise<Found>): Promise<Found> {
    const visit = admission.visitOf(request);
    return visit === undefined ? start() : visit.signIn(start);
  }

  /** Opens a session that counts as a connection of its user. Whatever ends it gives its place back. */
  async function connect(request: IncomingMessage): Promise<Session> {
    const session = await signIn(request);
    const release = connections.take(session.identity.viewer.id);
    if (release === undefined) {
      session.close();
      throw new RateLimitError('Too many connections: close others first.', 1);
    }
    session.onEnd(release);
    return session;
  }

  function openStream(response: ServerResponse, session: Session): OperationStream {
    const stream = createOperationStream(response, session, options);
    open.set(stream, response);
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
    const session = await connect(request);
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

  async function reserve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = await connect(request);
    const token = crypto.randomUUID();
    const intake = new Intake(options);
    intake.signedIn();
    const waiting = setTimeout(() => session.close(), RESERVED_MS);
    const cancel = (): void => clearTimeout(waiting);
    reservations.set(token, { session, intake, stream: undefined, cancel });
    session.onEnd(() => {
      cancel();
      reservations.delete(token);
    });
    response
      .writeHead(201, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      .end(token);
  }

  function find(request: IncomingMessage): Reservation {
    const reservation = reservations.get(tokenOf(request) ?? '');
    if (reservation === undefined) throw NO_STREAM;
    return reservation;
  }

  /** Only its user can know the name of a stream. */
  async function openReserved(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reservation = await admit(request, async () => find(request));
    if (reservation.stream !== undefined) throw TAKEN;
    if (response.destroyed) return;
    reservation.cancel();
    reservation.stream = openStream(response, reservation.session);
  }

  /** The stream that a request names, if it is its bearer's. */
  async function use(request: IncomingMessage): Promise<OperationStream> {
    const visitor = await signIn(request);
    visitor.close();
    const { session, intake, stream } = find(request);
    if (visitor.identity.viewer.id !== session.identity.viewer.id) throw NO_STREAM;
    if (stream === undefined) throw badRequest('Open the stream first.');
    if (!intake.takeMessage()) {
      options.onOverrun(admission.visitOf(request)?.address ?? '');
      stream.end(''); // first, so that no operation is said to be complete
      session.close();
      throw new RateLimitError('Too many requests: send fewer in a second.', 1);
    }
    return stream;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.method) {
      case 'PUT':
        return reserve(request, response);
      case 'GET':
        return openReserved(request, response);
      case 'DELETE': {
        const stream = await use(request);
        stream.stop(new URLSearchParams(searchOf(request)).get('operationId') ?? '');
        response.writeHead(200).end();
        return;
      }
      default: {
        if (isForMany(request)) return openForMany(request, response);
        const stream = await use(request);
        const { id, payload } = readOperation(await readJson(request, maxMessageBytes));
        if (!stream.run(id, payload)) throw EXISTS;
        response.writeHead(202).end();
      }
    }
  }

  return {
    handles,
    async handle(request, response) {
      const { origin } = request.headers;
      response.setHeader('vary', 'Origin');
      if (origin !== undefined && options.isAllowedOrigin(request.headers))
        response.setHeader('access-control-allow-origin', origin);
      try {
        await answer(request, response);
      } catch (error) {
        refuse(response, error, options.maskError);
      }
    },
    get count() {
      return open.size;
    },
    async close(patienceMs) {
      clearInterval(timer);
      for (const { session, stream } of [...reservations.values()]) if (stream === undefined) session.close();
      await sendAway(
        open,
        async ([stream, response]) => {
          stream.end(retryHint());
          await endOf(response);
        },
        patienceMs,
      );
    },
  };
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

/** A browser's EventSource can send no header: it may name the stream in the URL. It does so once, and the name is no credential. */
function tokenOf(request: IncomingMessage): string | undefined {
  const named = request.headers[TOKEN_HEADER];
  if (named !== undefined) return String(named);
  if (request.method !== 'GET') return undefined;
  const search = new URLSearchParams(searchOf(request));
  return search.has('query') ? undefined : (search.get('token') ?? undefined);
}
