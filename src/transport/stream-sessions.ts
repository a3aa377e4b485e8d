import type { IncomingMessage } from 'node:http';
import type { Quota } from '../auth/quota.ts';
import { RefusedToken } from '../auth/refused-token.ts';
import type { Session } from '../auth/session.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Visitor } from '../auth/viewer.ts';
import { RateLimitError } from '../errors.ts';
import type { OperationLog } from '../graphql/operation-log.ts';
import type { Admission } from './admission/admission.ts';
import { bearerOf } from './bearer.ts';
import { visitorOf } from './visitor.ts';

export interface StreamSessionOptions {
  readonly sessions: Pick<Sessions, 'start' | 'refused'>;
  /** Counts the connections of each user. */
  readonly connections: Quota;
  readonly admission: Pick<Admission, 'visitOf'>;
  readonly operations: Pick<OperationLog, 'overLimit'>;
}

export interface StreamSessions {
  /** Opens a session by the request's token. */
  signIn(request: IncomingMessage): Promise<Session>;
  /** Who sent a request: the user, once it has signed in. */
  senderOf(request: IncomingMessage): Session | Visitor;
  /** A client that gets in by `start` no longer counts as a stranger. */
  admit<Found>(request: IncomingMessage, start: () => Promise<Found>): Promise<Found>;
  /** Opens a session by the request's token; it counts as a connection of its user. Whatever ends it gives its place back. */
  connect(request: IncomingMessage): Promise<Session>;
}

export function createStreamSessions({
  sessions,
  connections,
  admission,
  operations,
}: StreamSessionOptions): StreamSessions {
  const signedIn = new WeakMap<IncomingMessage, Session>();
  const visitorBy = (request: IncomingMessage): Visitor => visitorOf(request, admission, 'event stream');

  async function signIn(request: IncomingMessage): Promise<Session> {
    const { authorization } = request.headers;
    const visitor = visitorBy(request);
    if (authorization === undefined)
      throw sessions.refused(new RefusedToken('missing', 'no header Authorization'), visitor);
    const token = bearerOf(authorization, sessions, visitor);
    const session = await admit(request, () => sessions.start(token, visitor));
    signedIn.set(request, session);
    return session;
  }

  function admit<Found>(request: IncomingMessage, start: () => Promise<Found>): Promise<Found> {
    const visit = admission.visitOf(request);
    return visit === undefined ? start() : visit.signIn(start);
  }

  async function connect(request: IncomingMessage): Promise<Session> {
    const session = await signIn(request);
    const release = connections.take(session.identity.viewer.id);
    if (release === undefined) {
      operations.overLimit(session, 'connections-per-user');
      session.close();
      throw new RateLimitError('Too many connections: close others first.', 1);
    }
    session.onEnd(release);
    return session;
  }

  return { signIn, admit, connect, senderOf: (request) => signedIn.get(request) ?? visitorBy(request) };
}
