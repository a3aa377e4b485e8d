import { LiveError, SessionError, type SessionFault } from '../errors.ts';
import { type RoleClasses, type Scope, scopeOf } from './access.ts';
import { checkInTurn } from './recheck.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { RefusedToken } from './refused-token.ts';
import type { OpenSessions, Revocations } from './revocation.ts';
import { createExpiries } from './shared-timers.ts';
import type { VerifyToken } from './verify-token.ts';
import type { Identity } from './viewer.ts';

export type SessionEndListener = (error?: SessionError) => void;

/** What one socket, or one HTTP request, may do, and for how long. */
export interface Session {
  readonly identity: Identity;
  readonly scope: Scope;
  /**
   * Calls back once, at once if it is over: with the fault when the session has ended, without one when its owner is gone.
   * Returns how to stop listening.
   */
  onEnd(listener: SessionEndListener): () => void;
  /**
   * Goes on under a new token of the same user; throws `FORBIDDEN` for another one's. If the new token names another unit or
   * role the session ends as `changed`, so that everything is authorized afresh.
   */
  renew(identity: Identity): void;
  /** Its owner is gone. Nothing of the session outlives this. */
  close(): void;
}

export interface Sessions extends OpenSessions {
  /** Verifies a token and opens a session. Throws {@link SessionError}, or `SERVICE_UNAVAILABLE`. */
  start(token: string): Promise<Session>;
  /** Notes that what was sent holds no token that could be verified. Returns the error, to be thrown. */
  refused(refusal: RefusedToken): RefusedToken;
  /**
   * Checks every open session against the revocations on record now, after an outage in which messages may have been missed.
   * Otherwise each is checked once in an interval.
   */
  recheckAll(): void;
  /** How many sessions are open. */
  readonly count: number;
  close(): void;
}

export interface SessionOptions {
  readonly verifyToken: VerifyToken;
  readonly roleClasses: RoleClasses;
  /** How long after its token's end a session ends, in seconds: as much later as a token is still accepted. */
  readonly leewaySeconds: number;
  readonly refusalLog: RefusalLog;
  /** Bound late: revocations end sessions, and sessions ask for revocations. */
  readonly revocations: () => Revocations;
  /** No revoked session outlives this, in milliseconds, even if its revocation is never received. */
  readonly recheckMs: number;
}

export function createSessions(options: SessionOptions): Sessions {
  const { verifyToken, roleClasses, leewaySeconds, refusalLog, revocations } = options;
  const open = new Set<OpenSession>();
  const byUser = new Map<string, Set<OpenSession>>();
  const expiries = createExpiries();
  const endings: Endings = {
    at: ({ expiresAt }, end) => expiries.at((expiresAt + leewaySeconds) * 1000, end),
  };

  function register(session: OpenSession): void {
    open.add(session);
    const { id } = session.identity.viewer;
    const ofUser = byUser.get(id) ?? new Set();
    byUser.set(id, ofUser.add(session));
  }

  function unregister(session: OpenSession): void {
    open.delete(session);
    const { id } = session.identity.viewer;
    const ofUser = byUser.get(id);
    if (ofUser?.delete(session) && ofUser.size === 0) byUser.delete(id);
  }

  async function check(session: OpenSession): Promise<void> {
    const fault = await revocations().check(session.identity);
    if (fault !== undefined) session.end(fault);
  }

  async function begin(identity: Identity): Promise<OpenSession> {
    // Opened before the check, so that a revocation which arrives meanwhile finds it.
    const scope = scopeOf(identity.viewer, roleClasses);
    const session = new OpenSession(identity, scope, endings, unregister);
    register(session);
    try {
      await check(session);
      if (session.ended !== undefined) throw session.ended;
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }
  const rechecks = checkInTurn(open, check, options.recheckMs);

  return {
    async start(token) {
      let identity: Identity | undefined;
      try {
        identity = await verifyToken(token);
        return await begin(identity);
      } catch (error) {
        if (error instanceof SessionError) refusalLog.note(error, identity?.viewer.id);
        throw error;
      }
    },
    refused(refusal) {
      refusalLog.note(refusal);
      return refusal;
    },
    recheckAll: rechecks.checkAll,
    async recheckUser(userId) {
      await Promise.all([...(byUser.get(userId) ?? [])].map(check));
    },
    async recheckToken(tokenId) {
      await Promise.all([...open].filter(({ identity }) => identity.tokenId === tokenId).map(check));
    },
    endUser(userId, fault) {
      for (const session of [...(byUser.get(userId) ?? [])]) session.end(fault);
    },
    endToken(tokenId, fault) {
      for (const session of [...open]) if (session.identity.tokenId === tokenId) session.end(fault);
    },
    get count() {
      return open.size;
    },
    close: rechecks.close,
  };
}

/** Calls back when a session of this identity is over. Returns how to stop waiting. */
interface Endings {
  at(identity: Identity, end: () => void): () => void;
}

/** A class, since there is one for each socket: of methods there is one for all of them, of closures one for each. */
class OpenSession implements Session {
  readonly scope: Scope;
  /** When it is to be checked again; 0: that has not been decided. */
  dueAt = 0;
  readonly #endings: Endings;
  readonly #onClosed: (session: OpenSession) => void;
  readonly #listeners = new Set<SessionEndListener>();
  #identity: Identity;
  #stopWaiting: () => void;
  #ended: SessionError | undefined;
  #isOver = false;

  constructor(identity: Identity, scope: Scope, endings: Endings, onClosed: (session: OpenSession) => void) {
    this.scope = scope;
    this.#identity = identity;
    this.#endings = endings;
    this.#onClosed = onClosed;
    this.#stopWaiting = this.#watchExpiry();
  }

  get identity(): Identity {
    return this.#identity;
  }

  get ended(): SessionError | undefined {
    return this.#ended;
  }

  onEnd(listener: SessionEndListener): () => void {
    if (this.#isOver) listener(this.#ended);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  renew(next: Identity): void {
    const { id, unitId, role } = this.#identity.viewer;
    if (next.viewer.id !== id) {
      throw new LiveError('FORBIDDEN', 'This token is another user’s. Sign out and connect anew.');
    }
    if (this.#isOver) return;
    this.#identity = next;
    this.#stopWaiting();
    this.#stopWaiting = this.#watchExpiry();
    if (next.viewer.unitId !== unitId || next.viewer.role !== role) this.end('changed');
  }

  end(fault: SessionFault): void {
    this.#finish(new SessionError(fault));
  }

  close(): void {
    this.#finish();
  }

  #watchExpiry(): () => void {
    return this.#endings.at(this.#identity, () => this.end('expired'));
  }

  #finish(error?: SessionError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended = error;
    this.#stopWaiting();
    this.#onClosed(this);
    const toTell = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of toTell) listener(error);
  }
}
