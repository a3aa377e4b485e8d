import type { Bus } from '../bus/bus.ts';
import { messageOf, type SessionFault } from '../errors.ts';
import { isUserId } from '../events/ids.ts';
import { type SessionMessage, sessionMessage } from '../events/session-message.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';
import { type SecurityLog, shortHash } from '../record/security-log.ts';
import type { ForeignPublishers } from '../topics/foreign.ts';
import { watchGeneration } from '../topics/generation.ts';
import type { Refusals } from '../topics/refusals.ts';
import { fieldOfToken, fieldsOfUser, type RevocationRecord } from './revocation-record.ts';
import type { Subject } from './viewer.ts';

/** What a revocation does to the sessions that are open. */
export interface RevocationEffects {
  /** Ends them. Returns how many. */
  end(whose: Subject, fault: SessionFault): number;
  /** Checks them against the record. */
  recheck(whose: Subject): Promise<void>;
}

const SHAPE = 'send {"action":"REVOKED" or "CHANGED","userId":…} or {"action":"REVOKED","jti":…}';
/** How often to look for records of an earlier version that no message has announced, in milliseconds. */
const SEARCH_MS = 60_000;

export interface RevocationServices {
  readonly bus: Bus;
  readonly names: TopicNames;
  readonly refusals: Refusals;
  readonly foreign: ForeignPublishers;
  readonly securityLog: SecurityLog;
  readonly log: Logger;
}

/** Ends open sessions when a message on the session topic says so. Later ones are refused by the record, since a message is not kept. */
export function watchRevocations(
  record: RevocationRecord,
  services: RevocationServices,
  sessions: RevocationEffects,
): { close(): void } {
  const { bus, names, refusals, foreign, securityLog, log } = services;
  const ours = watchGeneration(bus, names.generationOf('session'), foreign, log);

  const subscription = bus.subscribe({ channel: names.session }, ({ payload }) => {
    const message = readSessionMessage(payload);
    if (message === undefined)
      refusals.refuse(names.session, payload, { reason: 'breaks the contract', detail: SHAPE });
    else if (message.generation !== undefined) ours.admit(message.generation, () => end(message));
    else receiveUnattributed(message);
  });
  subscription.ready.catch((error: unknown) => {
    log.error({ reason: messageOf(error) }, 'cannot receive revocations');
  });

  function end(message: SessionMessage): void {
    const action = message.action === 'REVOKED' ? 'revoked' : 'changed';
    const ended = sessions.end(subjectOf(message), action);
    securityLog.note({ event: 'revocation.applied', action, ...namedIn(message), sessions: ended });
  }

  /**
   * A message by a publisher of an earlier version, or by hand. If somebody else is known to publish under our prefix, it may be
   * theirs: then only the record in our Redis counts.
   */
  function receiveUnattributed(message: SessionMessage): void {
    if (!foreign.areNoticed) {
      end(message);
      record.adopt(fieldsOf(message)).catch(giveUp);
    } else {
      sessions.recheck(subjectOf(message)).catch(giveUp);
    }
  }

  const giveUp = (error: unknown): void =>
    log.warn({ reason: messageOf(error) }, 'could not read a revocation after the message about it');

  const stopListening = bus.onReconnect(ours.forget);
  const stopSearching = searchOldRecords(services, record);
  return {
    close() {
      stopSearching();
      stopListening();
      subscription.close();
    },
  };
}

function subjectOf(message: SessionMessage): Subject {
  return 'jti' in message ? { tokenId: message.jti } : { userId: message.userId };
}

/** Whom a message is about, for the security log. */
function namedIn(message: SessionMessage) {
  return 'jti' in message
    ? ({ subject: 'token', jti: shortHash(message.jti) } as const)
    : ({ subject: 'user', user: message.userId } as const);
}

/** The fields of the record that a message is about. */
function fieldsOf(message: SessionMessage): readonly string[] {
  if ('jti' in message) return [fieldOfToken(message.jti)];
  // No token names anybody else.
  return isUserId(message.userId) ? [fieldsOfUser(message.userId)[message.action]] : [];
}

/** Moves into the record what publishers of an earlier version wrote while no server was there. Returns how to stop. */
function searchOldRecords({ bus, names, log }: RevocationServices, record: RevocationRecord): () => void {
  const start = names.revocationKeyOf('').length;
  let isSearching = false;
  /** Why it failed the last time, if it did. */
  let trouble: string | undefined;

  async function search(): Promise<void> {
    if (isSearching) return;
    isSearching = true;
    try {
      await bus.findKeys(names.revocationKeyOf('*'), (keys) =>
        record.adopt(keys.map((key) => key.slice(start))),
      );
      trouble = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== trouble) log.info({ reason }, 'cannot look for revocations of an earlier version');
      trouble = reason;
    } finally {
      isSearching = false;
    }
  }

  const timer = setInterval(search, SEARCH_MS);
  void search();
  return () => clearInterval(timer);
}

function readSessionMessage(payload: Buffer): SessionMessage | undefined {
  try {
    return sessionMessage.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}
