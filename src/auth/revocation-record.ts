import type { Bus } from '../bus/bus.ts';
import { LiveError, messageOf, type SessionFault } from '../errors.ts';
import { decodeUserId, encodeUserId } from '../events/ids.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';
import { batchReads } from './batched-reads.ts';
import type { Identity } from './viewer.ts';

/** What is on record against tokens, in either of the two places where it may be written. */
export interface RevocationRecord {
  /** Why a token is refused although it verifies, if it is. Throws `SERVICE_UNAVAILABLE` when that cannot be known now. */
  check(identity: Identity): Promise<SessionFault | undefined>;
  /** Moves into the record what publishers of an earlier version wrote elsewhere for these fields. */
  adopt(fields: readonly string[]): Promise<void>;
}

export type RecordBus = Pick<Bus, 'read' | 'readFields'>;
/** Writes into the record. */
export type RecordMover = Pick<Bus, 'expiresIn' | 'revoke'>;

/** How long a client waits for the answer while Redis is away, in milliseconds. */
const CHECK_TIMEOUT_MS = 10_000;
/** How long a record is kept if its key does not expire, in seconds: longer than access tokens live. */
const LONGEST_TOKEN_SECONDS = 30 * 86_400;
/** How long to wait after a record could not be moved, in milliseconds. */
const PAUSE_MS = 5000;

/** A field of the record as both places have it. */
interface Entry {
  readonly field: string;
  /** In the record: a field of its hash. */
  readonly recorded: string | null;
  /** In a key of its own, as publishers of an earlier version write it. */
  readonly old: string | null;
}

/** The fields of a user, whose id is percent-encoded in them. */
export function fieldsOfUser(id: string): Readonly<Record<'REVOKED' | 'CHANGED', string>> {
  const encoded = encodeUserId(id);
  return { REVOKED: `revoked:user:${encoded}`, CHANGED: `changed:user:${encoded}` };
}

/** The field of a token. */
export const fieldOfToken = (id: string): string => `revoked:jti:${id}`;

/**
 * The record is a hash without expiry (contract/revoke.lua). Earlier versions wrote keys that expire. These are read as well, and moved
 * into the record: with a `volatile-*` policy Redis evicts keys that expire first of all.
 * @param mover `undefined`: nothing is moved.
 */
export function readRevocations(
  bus: RecordBus,
  names: TopicNames,
  log: Logger,
  mover: RecordMover | undefined,
): RevocationRecord {
  let isFailing = false;
  let pausedUntil = 0;
  const moving = new Set<string>();

  const read = batchReads<Entry>(async (fields) => {
    const [recorded, old] = await Promise.all([
      bus.readFields(names.revocations, fields),
      bus.read(fields.map(names.revocationKeyOf)),
    ]);
    // A value that is missing would say that nothing is on record.
    if (recorded.length !== fields.length || old.length !== fields.length)
      throw new Error('Redis answered with another number of values than was asked for');
    const entries = fields.map((field, at) => ({
      field,
      recorded: recorded[at] ?? null,
      old: old[at] ?? null,
    }));
    if (mover !== undefined) for (const entry of entries) if (hasToMove(entry)) void move(entry, mover);
    return entries;
  }, CHECK_TIMEOUT_MS);

  async function move({ field, old }: Entry, to: RecordMover): Promise<void> {
    const { action, whose, id } = partsOf(field);
    if (id === undefined || moving.has(field) || performance.now() < pausedUntil) return;
    moving.add(field);
    try {
      const left = await to.expiresIn(names.revocationKeyOf(field));
      const seconds = left === undefined ? LONGEST_TOKEN_SECONDS : Math.ceil(left / 1000);
      const said = secondsIn(old);
      // A value that cannot be read refuses every token until it expires.
      const at =
        said === Number.POSITIVE_INFINITY ? Math.ceil(Date.now() / 1000) + seconds : Math.floor(said);
      const record = names.revocations;
      await to.revoke({
        record,
        channel: undefined,
        action,
        whose,
        id,
        seconds,
        ...(whose === 'user' && { at }),
      });
    } catch (error) {
      pausedUntil = performance.now() + PAUSE_MS;
      log.warn(
        { reason: messageOf(error) },
        'could not move a revocation into the record; it is read where it is',
      );
    } finally {
      moving.delete(field);
    }
  }

  /** Logs once when the record cannot be read, and once when it can again. */
  function report(reason: string | undefined): void {
    if (isFailing === (reason !== undefined)) return;
    isFailing = reason !== undefined;
    if (isFailing) log.warn({ reason }, 'cannot read revocations: nobody is let in');
    else log.info('revocations can be read again');
  }

  return {
    async check({ viewer: { id }, tokenId, issuedAt }) {
      const { REVOKED, CHANGED } = fieldsOfUser(id);
      const fields = tokenId === null ? [REVOKED, CHANGED] : [REVOKED, CHANGED, fieldOfToken(tokenId)];
      try {
        const [revoked, changed, token] = await read(fields);
        report(undefined);
        if (isOnRecord(token) || isIssuedUpTo(revoked, issuedAt)) return 'revoked';
        return isIssuedUpTo(changed, issuedAt) ? 'changed' : undefined;
      } catch (error) {
        report(messageOf(error));
        throw new LiveError(
          'SERVICE_UNAVAILABLE',
          'Your session cannot be checked now: try again in a moment.',
        );
      }
    },
    async adopt(fields) {
      if (fields.length > 0) await read(fields);
    },
  };
}

const isOnRecord = (entry: Entry | undefined): boolean =>
  entry !== undefined && (entry.recorded !== null || entry.old !== null);

/** A token of the same second as the revocation is refused: which came first is not known. */
function isIssuedUpTo(entry: Entry | undefined, issuedAt: number): boolean {
  if (entry === undefined) return false;
  return Math.floor(issuedAt) <= Math.max(recordedSeconds(entry.recorded), secondsIn(entry.old));
}

/**
 * The Unix second up to which a value refuses tokens. A value that cannot be read refuses all of them: a mistake then locks somebody
 * out, and lets nobody in.
 */
function secondsIn(value: string | null): number {
  if (value === null) return Number.NEGATIVE_INFINITY;
  const [seconds] = /^\d+(\.\d+)?$/.exec(value.trim()) ?? [];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds);
}

/** The same of `<seconds> <when it may be forgotten>`. */
export function recordedSeconds(value: string | null): number {
  if (value === null) return Number.NEGATIVE_INFINITY;
  const [, seconds] = /^(\d+) \d+$/.exec(value) ?? [];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds);
}

/** Whether the record does not say yet what an old key says. */
function hasToMove({ field, recorded, old }: Entry): boolean {
  if (old === null || !FIELD.test(field)) return false;
  if (recorded === null) return true;
  const said = secondsIn(old);
  return !field.includes(':jti:') && Number.isFinite(said) && Math.floor(said) > recordedSeconds(recorded);
}

const FIELD = /^(revoked|changed):(user|jti):(.+)$/s;

/** What a field stands for. Its `id` is `undefined` where the field is spelt as no user's is. */
function partsOf(field: string) {
  const [, action, whose, written = ''] = FIELD.exec(field) ?? [];
  return {
    action: action === 'changed' ? 'CHANGED' : 'REVOKED',
    whose: whose === 'jti' ? 'jti' : 'user',
    id: whose === 'jti' ? written : decodeUserId(written),
  } as const;
}
