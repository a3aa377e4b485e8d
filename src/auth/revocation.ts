import type { Bus } from '../bus/bus.ts';
import { messageOf, type SessionFault } from '../errors.ts';
import { isUserId } from '../events/ids.ts';
import { type SessionMessage, sessionMessage } from '../events/session-message.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';
import type { ForeignPublishers } from '../topics/foreign.ts';
import { watchGeneration } from '../topics/generation.ts';
import type { Refusals } from '../topics/refusals.ts';
import { fieldOf, type RevocationRecord, readRevocations } from './revocation-record.ts';

export interface Revocations extends Pick<RevocationRecord, 'check'> {
  close(): void;
}

/** What a revocation does to sessions that are open. */
export interface OpenSessions {
  endUser(userId: string, fault: SessionFault): void;
  endToken(tokenId: string, fault: SessionFault): void;
  /** Checks a user's sessions against the record. */
  recheckUser(userId: string): Promise<void>;
  /** Checks a token's sessions against the record. */
  recheckToken(tokenId: string): Promise<void>;
}

const SHAPE = 'send {"action":"REVOKED" or "CHANGED","userId":…} or {"action":"REVOKED","jti":…}';
/** How often records of an earlier version are looked for, of which no message has told, in milliseconds. */
const SEARCH_MS = 60_000;

export interface RevocationOptions {
  readonly bus: Bus;
  readonly names: TopicNames;
  readonly open: OpenSessions;
  readonly refusals: Refusals;
  readonly foreign: ForeignPublishers;
  readonly log: Logger;
}

/**
 * Ends open sessions when the session topic says so, and refuses those to come by what is on record: a message is gone once
 * sent, and this server may not have been there.
 */
export function watchRevocations(options: RevocationOptions): Revocations {
  const { bus, names, open, refusals, foreign, log } = options;
  const record = readRevocations(bus, names, log);
  const ours = watchGeneration(bus, names.generationOf('session'), foreign, log);

  const subscription = bus.subscribe({ channel: names.session }, ({ payload }) => {
    const message = readSessionMessage(payload);
    if (message === undefined)
      refusals.refuse(names.session, payload, { reason: 'breaks the contract', detail: SHAPE });
    else if (message.generation !== undefined) ours.admit(message.generation, () => end(message));
    else receiveUnattributed(message);
  });
  subscription.ready.catch((error: unknown) => {
    log.error({ reason: messageOf(error) }, 'cannot hear revocations');
  });

  function end(message: SessionMessage): void {
    if ('jti' in message) open.endToken(message.jti, 'revoked');
    else open.endUser(message.userId, message.action === 'REVOKED' ? 'revoked' : 'changed');
  }

  /**
   * By a publisher of an earlier version, or by hand. Where somebody else is known to publish under our prefix it may be theirs:
   * then only what is on record in our Redis counts.
   */
  function receiveUnattributed(message: SessionMessage): void {
    if (!foreign.areNoticed) {
      end(message);
      record.adopt(fieldsOf(message)).catch(giveUp);
    } else if ('jti' in message) {
      open.recheckToken(message.jti).catch(giveUp);
    } else {
      open.recheckUser(message.userId).catch(giveUp);
    }
  }

  const giveUp = (error: unknown): void =>
    log.warn({ reason: messageOf(error) }, 'could not read a revocation that was told of');

  const stopListening = bus.onReconnect(ours.forget);
  const stopSearching = searchOldRecords(options, record);
  return {
    check: record.check,
    close() {
      stopSearching();
      stopListening();
      subscription.close();
    },
  };
}

/** The fields of the record that a message is about. */
function fieldsOf(message: SessionMessage): readonly string[] {
  if ('jti' in message) return [fieldOf('REVOKED', 'jti', message.jti)];
  // No token names anybody else.
  return isUserId(message.userId) ? [fieldOf(message.action, 'user', message.userId)] : [];
}

/** Moves into the record what was written by publishers of an earlier version while nobody listened. Answers how to stop. */
function searchOldRecords({ bus, names, log }: RevocationOptions, record: RevocationRecord): () => void {
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
