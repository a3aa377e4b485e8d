import { LiveError, SessionError, type SessionFault } from '../errors.ts';
import { newRecordId } from '../record/security-log.ts';
import type { Scope } from './access.ts';
import type { Identity, Visitor } from './viewer.ts';
import { type Who, whoOf } from './who.ts';

export type SessionEndListener = (error?: SessionError) => void;

/** What one socket, or one HTTP request, may do, and for how long. */
export interface Session {
  /** Names it in the security log. */
  readonly id: string;
  readonly identity: Identity;
  readonly visitor: Visitor;
  /** Who acts in it, for the security log. */
  readonly who: Who;
  readonly scope: Scope;
  /** When it was opened, in milliseconds since 1970. */
  readonly since: number;
  /**
   * Calls back once, at once if the session is over: with the fault when it has ended, without one when its owner is gone.
   * Returns how to stop listening.
   */
  onEnd(listener: SessionEndListener): () => void;
  /**
   * Goes on under a new token of the same user; throws `FORBIDDEN` for another one's. If the new token names another unit or
   * role the session ends as `changed`, so that everything is authorized again.
   */
  renew(identity: Identity): void;
  /** Its owner is gone. Nothing of the session outlives this. */
  close(): void;
}

/** What a session needs of those who keep it. */
export interface SessionKeeper {
  /** Calls back when a session of this identity expires. Returns how to stop waiting. */
  atExpiry(identity: Identity, expire: () => void): () => void;
  /** The session goes on under a new token. */
  onRenewed(session: OpenSession): void;
  /** The session is over. */
  onOver(session: OpenSession): void;
}

/** A class, since there is one for each socket: all of them share the methods, while closures would be made for each. */
export class OpenSession implements Session {
  readonly id = newRecordId();
  readonly visitor: Visitor;
  readonly scope: Scope;
  readonly since = Date.now();
  /** When it is to be checked again (recheck.ts); 0: that has not been decided. */
  dueAt = 0;
  /** Whether the record had nothing against it when it was opened. */
  hasBegun = false;
  readonly #keeper: SessionKeeper;
  readonly #listeners = new Set<SessionEndListener>();
  #identity: Identity;
  #who: Who | undefined;
  #stopWaiting: () => void;
  #ended: SessionError | undefined;
  #isOver = false;

  constructor(identity: Identity, visitor: Visitor, scope: Scope, keeper: SessionKeeper) {
    this.visitor = visitor;
    this.scope = scope;
    this.#identity = identity;
    this.#keeper = keeper;
    this.#stopWaiting = this.#watchExpiry();
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** It is made when somebody first reads it, and again after a renewal. */
  get who(): Who {
    this.#who ??= whoOf(this);
    return this.#who;
  }

  /** The fault it has ended with, if it has. */
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
      throw new LiveError('FORBIDDEN', 'This token belongs to another user. Sign out and connect again.');
    }
    if (this.#isOver) return;
    this.#identity = next;
    this.#who = undefined;
    this.#stopWaiting();
    this.#stopWaiting = this.#watchExpiry();
    this.#keeper.onRenewed(this);
    if (next.viewer.unitId !== unitId || next.viewer.role !== role) this.end('changed');
  }

  end(fault: SessionFault): void {
    this.#finish(new SessionError(fault));
  }

  close(): void {
    this.#finish();
  }

  #watchExpiry(): () => void {
    return this.#keeper.atExpiry(this.#identity, () => this.end('expired'));
  }

  #finish(error?: SessionError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended = error;
    this.#stopWaiting();
    this.#keeper.onOver(this);
    const toNotify = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of toNotify) listener(error);
  }
}
