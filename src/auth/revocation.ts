import { z } from 'zod';
import type { Bus } from '../bus/bus.ts';
import { LiveError, messageOf, type SessionFault } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Refusals } from '../topics/refusals.ts';
import type { TopicNames } from '../topics/topic.ts';
import { gatherReads } from './gathered-reads.ts';
import type { Identity } from './viewer.ts';

const id = z.union([z.string().min(1).max(128), z.int()]).transform(String);

/** A message on the session topic: a user's tokens, or one token, are good no longer. */
export const sessionMessage = z.union([
  z.object({ action: z.enum(['REVOKED', 'CHANGED']), userId: id }),
  z.object({ action: z.literal('REVOKED'), jti: id }),
]);

export interface Revocations {
  /** Why a token is refused although it verifies, if it is. Throws `SERVICE_UNAVAILABLE` when that cannot be known now. */
  check(identity: Identity): Promise<SessionFault | undefined>;
  close(): void;
}

/** What a revocation does to sessions that are open. */
export interface OpenSessions {
  endUser(userId: string, fault: SessionFault): void;
  endToken(tokenId: string, fault: SessionFault): void;
}

/** How long a client waits for the answer while Redis is away, in milliseconds. */
const CHECK_TIMEOUT_MS = 10_000;

const SHAPE = 'send {"action":"REVOKED" or "CHANGED","userId":…} or {"action":"REVOKED","jti":…}';

export interface RevocationOptions {
  readonly bus: Bus;
  readonly names: TopicNames;
  readonly open: OpenSessions;
  readonly refusals: Refusals;
  readonly log: Logger;
}

/**
 * Ends open sessions when the session topic says so, and remembers for those to come by the keys that its sender also sets:
 * a message is gone once sent, and this server may not have been there.
 */
export function watchRevocations({ bus, names, open, refusals, log }: RevocationOptions): Revocations {
  const subscription = bus.subscribe({ channel: names.session }, ({ payload }) => {
    const message = readSessionMessage(payload);
    if (message === undefined) {
      refusals.refuse(names.session, payload, { reason: 'breaks the contract', detail: SHAPE });
    } else if ('jti' in message) {
      open.endToken(message.jti, 'revoked');
    } else {
      open.endUser(message.userId, message.action === 'REVOKED' ? 'revoked' : 'changed');
    }
  });
  subscription.ready.catch((error: unknown) => {
    log.error({ reason: messageOf(error) }, 'cannot hear revocations');
  });

  return {
    check: createFaultFinder(bus, names),
    close: () => subscription.close(),
  };
}

/** Answers what the keys say of a token, as {@link Revocations.check} does. */
export function createFaultFinder(bus: Pick<Bus, 'read'>, names: TopicNames): Revocations['check'] {
  const read = gatherReads(bus, CHECK_TIMEOUT_MS);
  return async ({ viewer, tokenId, issuedAt }) => {
    const keys = [names.revokedUser(viewer.id), names.changedUser(viewer.id)];
    if (tokenId !== null) keys.push(names.revokedToken(tokenId));
    const [revokedAt, changedAt, revoked] = await read(keys).catch(() => {
      throw new LiveError(
        'SERVICE_UNAVAILABLE',
        'Your session cannot be checked now: try again in a moment.',
      );
    });
    if (revoked != null || isIssuedUpTo(revokedAt, issuedAt)) return 'revoked';
    return isIssuedUpTo(changedAt, issuedAt) ? 'changed' : undefined;
  };
}

function readSessionMessage(payload: Buffer): z.output<typeof sessionMessage> | undefined {
  try {
    return sessionMessage.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}

/** A key that holds no number refuses every token: to err on this side locks out, on the other it lets in. */
function isIssuedUpTo(seconds: string | null | undefined, issuedAt: number): boolean {
  return seconds != null && !(issuedAt > Number(seconds));
}
