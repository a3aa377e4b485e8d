import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { checkInTurn } from '../auth/recheck.ts';
import type { Visitor } from '../auth/viewer.ts';
import { formatPosition } from '../bus/position.ts';
import type { ErrorCode } from '../errors.ts';
import { type TopicNames, topicName } from '../events/topic-names.ts';
import { newRecordId, type SecurityLog } from '../record/security-log.ts';
import { contextOf, type ViewerSession } from './context.ts';
import { type Asked, askedOf, describeOperation, otherUnits } from './describe-operation.ts';
import { sentHash } from './document-hash.ts';
import type { SentDocument } from './document-id.ts';
import { codeOfError } from './mask-error.ts';
import { SubscriptionRecord } from './subscription-record.ts';

/** Who asks. */
export type Sender = ViewerSession | Visitor;

/** Writes operations into the security log. Nothing of it is on the path of an event. */
export interface OperationLog {
  /** Runs a query or a mutation of somebody with a session. Strangers get nothing that is worth a line. */
  run<Result>(args: ExecutionArgs, execute: () => Result): Result;
  /** A subscription is asked for. */
  subscribing(args: ExecutionArgs, session: ViewerSession): SubscriptionRecord;
  /**
   * An operation was refused before it could start.
   * @param asked what was sent of its document, or what was read of it. `undefined`: there is none.
   */
  refused(sender: Sender, errors: readonly unknown[], asked?: SentDocument | Asked): void;
  overLimit(sender: ViewerSession, limit: UserLimit): void;
  /** A client sent what its protocol does not allow: its connection was closed with this code, or the answer has this status. */
  closedFor(sender: Sender, code: number): void;
  close(): void;
}

/** Limits of a user who has signed in. */
export const USER_LIMITS = [
  'connections-per-user',
  'subscriptions-per-user',
  'subscriptions-per-connection',
] as const;
export type UserLimit = (typeof USER_LIMITS)[number];

/** Why a query or mutation is over. */
export const ANSWER_ENDS = [
  /** It was answered. */
  'completed',
  /** A part of it was refused, or all. */
  'refused',
  /** A fault of ours; it is in the ordinary log. */
  'failed',
] as const;

/** How often the position of a subscription is noted, in milliseconds. */
const POSITION_MS = 600_000;

export function createOperationLog(
  securityLog: SecurityLog,
  names: Pick<TopicNames, 'nameOf'>,
): OperationLog {
  const running = new Set<SubscriptionRecord>();
  const options = { securityLog, names, running };
  const positions = checkInTurn(running, async (record) => record.notePosition(), POSITION_MS);

  function refused(sender: Sender, errors: readonly unknown[], asked?: SentDocument | Asked): void {
    const scope = 'scope' in sender ? sender.scope : undefined;
    const what =
      asked === undefined ? {} : 'schema' in asked ? describeOperation(asked, scope) : describeSent(asked);
    for (const code of codesOf(errors))
      securityLog.note({ event: 'operation.refused', ...senderOf(sender), ...what, code });
  }

  return {
    run(args, execute) {
      const context = contextOf(args);
      const { session, visitor } = context;
      if (session === undefined) {
        return whenDone(execute, (result) => {
          if (visitor !== undefined) refused(visitor, errorsIn(result), askedOf(args));
        });
      }
      const asked = describeOperation(askedOf(args), session.scope);
      const who = { ...session.who, operation: newRecordId() };
      const since = performance.now();
      securityLog.note({ event: 'operation.started', ...who, ...asked });
      for (const reads of otherUnits(askedOf(args), session.scope))
        securityLog.note({ event: 'admin.read_other_unit', ...who, field: asked.field, reads });
      const { kind: _kind, ...whatIsRead } = asked;
      context.noteRead = ({ topic, first, last }) =>
        securityLog.note({
          event: 'operation.read',
          ...who,
          ...whatIsRead,
          topic: topicName(names, topic),
          first: formatPosition(first),
          last: formatPosition(last),
        });
      return whenDone(execute, (result) => {
        const codes = codesOf(errorsIn(result));
        for (const code of codes) securityLog.note({ event: 'operation.refused', ...who, ...asked, code });
        const seconds = (performance.now() - since) / 1000;
        securityLog.note({ event: 'operation.ended', ...who, ...asked, reason: reasonOf(codes), seconds });
      });
    },
    subscribing: (args, session) => new SubscriptionRecord(options, session, askedOf(args)),
    refused,
    closedFor: (sender, code) =>
      securityLog.note({ event: 'operation.refused', ...senderOf(sender), code: String(code) }),
    overLimit: (sender, limit) => securityLog.note({ event: 'limit.reached', limit, ...sender.who }),
    close: positions.close,
  };
}

function describeSent(sent: SentDocument) {
  const document = sentHash(sent);
  return document === undefined ? {} : { document };
}

/** Calls back with what was returned, or thrown, at once or later. */
function whenDone<Result>(execute: () => Result, done: (result: unknown) => void): Result {
  const fail = (error: unknown): void => done({ errors: [error] });
  try {
    const result = execute();
    if (isPromise(result)) result.then(done, fail);
    else done(result);
    return result;
  } catch (error) {
    fail(error);
    throw error;
  }
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof result === 'object' && result !== null && 'then' in result;
}

function errorsIn(result: unknown): readonly unknown[] {
  const { errors }: ExecutionResult = typeof result === 'object' && result !== null ? result : {};
  return errors ?? [];
}

/** Each code once. */
function codesOf(errors: readonly unknown[]): readonly ErrorCode[] {
  return [...new Set(errors.map(codeOfError))];
}

function reasonOf(codes: readonly ErrorCode[]): (typeof ANSWER_ENDS)[number] {
  if (codes.length === 0) return 'completed';
  return codes.includes('INTERNAL_SERVER_ERROR') ? 'failed' : 'refused';
}

function senderOf(sender: Sender) {
  if ('who' in sender) return sender.who;
  const { address, transport } = sender;
  return { address, transport };
}
