/**
 * Sessions, from a token to their end:
 * - identify.ts says who a token's bearer is;
 * - revocation-record.ts says what is on record against the token;
 * - open-sessions.ts keeps the sessions that were opened, until each expires, is renewed, ended, or closed by its owner;
 * - revocation.ts ends them when a message says so.
 */
import { SessionError } from '../errors.ts';
import type { SecurityLog } from '../record/security-log.ts';
import { createIdentifier, type IdentityServices, type IdentitySettings } from './identify.ts';
import { keepSessions, type SessionEnd } from './open-sessions.ts';
import { createRefusalLog, type RefusalLogObserver } from './refusal-log.ts';
import { type RefusedToken, reasonOfRefusal } from './refused-token.ts';
import { type RevocationServices, watchRevocations } from './revocation.ts';
import { readRevocations } from './revocation-record.ts';
import type { Session } from './session.ts';
import type { Identity, Subject, Visitor } from './viewer.ts';
import { personOf } from './who.ts';

export interface Sessions {
  /** Verifies a token and opens a session. Throws {@link SessionError}, or `SERVICE_UNAVAILABLE`. */
  start(token: string, visitor: Visitor): Promise<Session>;
  /** Notes that what was sent holds no token that could be verified. Returns the error, to be thrown. */
  refused(refusal: RefusedToken, visitor: Visitor): RefusedToken;
  /** Settles when it is known whether tokens can be verified: where an issuer publishes the keys, they have to be fetched. */
  readonly tried: Promise<void>;
  /** How many sessions are open. */
  readonly count: number;
  close(): void;
}

export interface SessionSettings extends IdentitySettings {
  /** No revoked session outlives this, in seconds, even if its revocation is never received. */
  readonly revocationCheckSeconds: number;
}

/** For metrics. */
export interface SessionObserver extends RefusalLogObserver {
  issuerKeysFailed(): void;
  sessionEnded(reason: SessionEnd): void;
}

export interface SessionServices extends RevocationServices, Pick<IdentityServices, 'health'> {
  readonly observer: SessionObserver;
  readonly securityLog: SecurityLog;
  /** All sessions of somebody are ended, or checked again. Default: nobody keeps anything of sessions that are over. */
  readonly onEnding?: (whose: Subject) => void;
}

/** @throws when the key that tokens are verified with cannot be read. */
export function createSessions(settings: SessionSettings, services: SessionServices): Sessions {
  const { bus, names, health, observer, securityLog, log } = services;
  const identifier = createIdentifier(settings, { health, onKeysFailure: observer.issuerKeysFailed, log });
  const record = readRevocations(bus, names, log, bus);
  const open = keepSessions({
    roleClasses: settings.roleClasses,
    leewaySeconds: settings.token.leewaySeconds,
    recheckMs: settings.revocationCheckSeconds * 1000,
    check: record.check,
    onEnd: observer.sessionEnded,
    securityLog,
  });
  const revocations = watchRevocations(record, services, {
    end(whose, fault) {
      identifier.forget(whose);
      services.onEnding?.(whose);
      return open.end(whose, fault);
    },
    recheck(whose) {
      identifier.forget(whose);
      services.onEnding?.(whose);
      return open.recheck(whose);
    },
  });
  const stopListening = bus.onReconnect(() => {
    identifier.forgetAll();
    open.recheckAll();
  });
  const refusalLog = createRefusalLog(observer, log);

  /** Why it is no session, if that is not our own fault. */
  function noteRefusal(error: unknown, { address, transport, renews }: Visitor, identity?: Identity): void {
    const reason = error instanceof SessionError ? reasonOfRefusal(error) : 'unavailable';
    securityLog.note({
      event: 'session.refused',
      reason,
      address,
      transport,
      ...(identity && personOf(identity)),
      ...(renews !== undefined && { session: renews }),
    });
  }

  return {
    async start(token, visitor) {
      let identity: Identity | undefined;
      try {
        identity = await identifier.identify(token);
        return await open.begin(identity, visitor);
      } catch (error) {
        noteRefusal(error, visitor, identity);
        if (error instanceof SessionError) refusalLog.note(error, identity?.viewer.id);
        throw error;
      }
    },
    refused(refusal, visitor) {
      refusalLog.note(refusal);
      noteRefusal(refusal, visitor);
      return refusal;
    },
    tried: identifier.tried,
    get count() {
      return open.count;
    },
    close() {
      identifier.close();
      stopListening();
      revocations.close();
      open.close();
    },
  };
}
