import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../auth/session.ts';
import type { Visitor } from '../auth/viewer.ts';
import { RateLimitError } from '../errors.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import { badRequest } from './operation-request.ts';
import type { OperationStream } from './operation-stream.ts';
import { searchOf } from './paths.ts';
import { NO_STREAM, OF_SEVERAL_WORKERS, TAKEN } from './stream-refusals.ts';
import type { StreamSessions } from './stream-sessions.ts';

export interface ReservationOptions extends IntakeLimits {
  /** A client has sent too much. */
  readonly onOverrun: (visitor: Visitor, session: Session) => void;
  /** Whether the next request of a client may reach another process on this port, which does not know its stream. */
  readonly isOneOfSeveral: boolean;
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
const TOKEN_HEADER = 'x-graphql-event-stream-token';

/** The streams that stock clients reserve, open, and name with each operation. */
export interface StreamReservations {
  /** Answers with the name of a stream. */
  reserve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Opens the stream that a request names. */
  open(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The open stream that a request names, if it is its bearer's. */
  use(request: IncomingMessage): Promise<OperationStream>;
  /** Ends those that nobody has opened. */
  close(): void;
}

export function createStreamReservations(
  options: ReservationOptions,
  sessions: StreamSessions,
  openStream: (response: ServerResponse, session: Session) => OperationStream,
): StreamReservations {
  const reservations = new Map<string, Reservation>();

  async function reserve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.isOneOfSeveral) throw OF_SEVERAL_WORKERS;
    const session = await sessions.connect(request);
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
  async function open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reservation = await sessions.admit(request, async () => find(request));
    if (reservation.stream !== undefined) throw TAKEN;
    if (response.destroyed) return;
    reservation.cancel();
    reservation.stream = openStream(response, reservation.session);
  }

  async function use(request: IncomingMessage): Promise<OperationStream> {
    const visitor = await sessions.signIn(request);
    visitor.close();
    const { session, intake, stream } = find(request);
    if (visitor.identity.viewer.id !== session.identity.viewer.id) throw NO_STREAM;
    if (stream === undefined) throw badRequest('Open the stream first.');
    if (!intake.takeMessage()) {
      options.onOverrun(session.visitor, session);
      stream.end(''); // first, so that no operation is said to be complete
      session.close();
      throw new RateLimitError('Too many requests: send fewer in a second.', 1);
    }
    // The stream itself cannot bring a fresh token, so the requests about its operations do.
    if (visitor.identity.expiresAt > session.identity.expiresAt) session.renew(visitor.identity);
    return stream;
  }

  return {
    reserve,
    open,
    use,
    close() {
      for (const { session, stream } of [...reservations.values()]) if (stream === undefined) session.close();
    },
  };
}

/** A browser's EventSource can send no header: it may name the stream in the URL. It does so once, and the name is no credential. */
export function tokenOf(request: IncomingMessage): string | undefined {
  const named = request.headers[TOKEN_HEADER];
  if (named !== undefined) return String(named);
  if (request.method !== 'GET') return undefined;
  const search = new URLSearchParams(searchOf(request));
  return search.has('query') ? undefined : (search.get('token') ?? undefined);
}
