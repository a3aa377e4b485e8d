import { SessionError, type SessionFault } from '../errors.ts';
import type { SecurityLog } from '../record/security-log.ts';
import { type RoleClasses, scopeOf } from './access.ts';
import { checkInTurn } from './recheck.ts';
import { OpenSession, type SessionKeeper } from './session.ts';
import { createSharedTimers } from './shared-timers.ts';
import type { Identity, Subject, Visitor } from './viewer.ts';

/** Why sessions end. A closed set: each is a label of the metric `dms_live_session_ends_total`. */
export const SESSION_ENDS = [
  /** The socket or request that it belongs to is gone. */
  'closed',
  'expired',
  'revoked',
  'changed',
] as const;

export type SessionEnd = (typeof SESSION_ENDS)[number];

/** The sessions that are open. */
export interface OpenSessions {
  /**
   * Opens a session, unless the record has something against its token. Throws {@link SessionError}, or `SERVICE_UNAVAILABLE`.
   */
  begin(identity: Identity, visitor: Visitor): Promise<OpenSession>;
  /** Ends all sessions of a user, or of a token. Returns how many. */
  end(whose: Subject, fault: SessionFault): number;
  /** Checks these sessions against the record. Rejects when it cannot be read now. */
  recheck(whose: Subject): Promise<void>;
  /**
   * Checks every session against the record now, after an outage in which messages may have been missed. Otherwise each is
   * checked once in an interval.
   */
  recheckAll(): void;
  readonly count: number;
  close(): void;
}

export interface OpenSessionsOptions {
  readonly roleClasses: RoleClasses;
  /** How long after its token's end a session ends, in seconds: as much later as a token is still accepted. */
  readonly leewaySeconds: number;
  /** No revoked session outlives this, in milliseconds, even if its revocation is never received. */
  readonly recheckMs: number;
  /** What the record has against a token, if anything. */
  readonly check: (identity: Identity) => Promise<SessionFault | undefined>;
  /** A session that had begun is over. For metrics. */
  readonly onEnd: (reason: SessionEnd) => void;
  readonly securityLog: SecurityLog;
}

export function keepSessions({
  roleClasses,
  leewaySeconds,
  recheckMs,
  check,
  onEnd,
  securityLog,
}: OpenSessionsOptions): OpenSessions {
  const open = new Set<OpenSession>();
  const byUser = new Map<string, Set<OpenSession>>();
  const timers = createSharedTimers();
  const keeper: SessionKeeper = {
    atExpiry: ({ expiresAt }, expire) => timers.at((expiresAt + leewaySeconds) * 1000, expire),
    onRenewed: (session) => noteValid('session.renewed', session),
    onOver: unregister,
  };

  function noteValid(event: 'session.opened' | 'session.renewed', session: OpenSession): void {
    const expires = new Date(session.identity.expiresAt * 1000).toISOString();
    securityLog.note({ event, ...session.who, expires });
  }

  function noteEnd(session: OpenSession, reason: SessionEnd): void {
    const seconds = (Date.now() - session.since) / 1000;
    securityLog.note({ event: 'session.ended', ...session.who, reason, seconds });
  }

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
    if (!session.hasBegun) return;
    const reason = endOf(session);
    onEnd(reason);
    if (session.visitor.renews === undefined) noteEnd(session, reason);
  }

  function sessionsOf(whose: Subject): readonly OpenSession[] {
    if ('userId' in whose) return [...(byUser.get(whose.userId) ?? [])];
    return [...open].filter(({ identity }) => identity.tokenId === whose.tokenId);
  }

  async function checkOne(session: OpenSession): Promise<void> {
    const fault = await check(session.identity);
    if (fault !== undefined) session.end(fault);
  }
  const rechecks = checkInTurn(open, checkOne, recheckMs);

  return {
    async begin(identity, visitor) {
      // Opened before the check, so that a revocation which arrives meanwhile finds it.
      const session = new OpenSession(identity, visitor, scopeOf(identity.viewer, roleClasses), keeper);
      register(session);
      try {
        const found = await check(identity);
        // A logout revokes the token and reports a change: that message may come first, but its client must not come back.
        const fault = found === 'revoked' ? found : (session.ended?.fault ?? found);
        if (fault !== undefined) throw new SessionError(fault);
        session.hasBegun = true;
        if (visitor.renews === undefined) noteValid('session.opened', session);
        return session;
      } catch (error) {
        session.close();
        throw error;
      }
    },
    end(whose, fault) {
      const ending = sessionsOf(whose);
      for (const session of ending) session.end(fault);
      return ending.length;
    },
    async recheck(whose) {
      await Promise.all(sessionsOf(whose).map(checkOne));
    },
    recheckAll: rechecks.checkAll,
    get count() {
      return open.size;
    },
    close: rechecks.close,
  };
}

function endOf({ ended }: OpenSession): SessionEnd {
  return SESSION_ENDS.find((reason) => reason === ended?.fault) ?? 'closed';
}
