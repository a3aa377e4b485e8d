import type { ExecutionArgs } from 'graphql';
import type { Position, SharedResults } from 'yoga-shared-subscriptions';
import type { Scope } from '../auth/access.ts';
import type { Identity, Visitor } from '../auth/viewer.ts';
import type { Who } from '../auth/who.ts';
import type { LogPosition } from '../bus/position.ts';
import { SessionError } from '../errors.ts';
import type { Topic } from '../events/topic-names.ts';
import type { TopicEvent } from '../topics/log-tail.ts';
import type { TopicSource } from '../topics/topic-source.ts';
import type { EventTrace } from '../tracing.ts';
import type { Endings } from './endings.ts';

/** What a resolver may know of who asks. */
export interface Context {
  /** Who asks; `undefined` if no token was sent, and wherever an execution is shared by many. */
  readonly session?: ViewerSession;
  /** In an execution that many share: what all of them may see. */
  readonly audience?: SharedScope;
  /** Notes for the security log that a query has read a topic. */
  noteRead?: (read: TopicRead) => void;
}

/** A query has read what stands in a topic's log after `first`, up to `last`. */
export interface TopicRead {
  readonly topic: Topic;
  readonly first: LogPosition;
  readonly last: LogPosition;
}

/** What our transports pass to an operation: over HTTP the request is in it too. */
export interface OperationContext extends Context {
  readonly request?: Request;
  readonly params?: {
    readonly documentId?: unknown;
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
  /** Where it came from; always there without a session. */
  readonly visitor?: Visitor;
  /** Takes what to call when the client gives an operation up before it is open. */
  readonly onAbandon?: (giveUp: () => void) => void;
  /** The past that a subscription begins in, once that is known. */
  past?: Past;
  /** Follows a subscription to its end, for metrics. */
  endings?: Endings;
  /** Writes a subscription into the security log. */
  record?: { begin(results: SharedResults): void };
}

/** A past that a subscription begins in. */
export interface Past {
  /** How far back from `now` all events are delivered, in milliseconds. */
  readonly ms: number;
  /** By the clock that the times of these events are of. */
  readonly now: number;
}

export function contextOf(args: ExecutionArgs): OperationContext {
  return args.contextValue as OperationContext;
}

/** All that a shared execution may know of those who share it. */
export interface SharedScope {
  readonly scope: Scope;
  /** What the subscription reads, once it is open. */
  reading?: SubscriptionReading;
  /** Only where the subscription depends on the user; then it is shared by that user's own subscribers alone. */
  readonly userId?: string;
  /** Only where the subscription shows its subscriber to others; then it is shared by subscribers of this session alone. */
  readonly announcer?: ViewerSession;
  /** Aborted when the last of them has left before the subscription was open. */
  readonly signal: AbortSignal;
  /** The events that were executed and not yet delivered, for metrics. */
  readonly undelivered: ExecutedEvent[];
  /** What the execution is fed by, once it is open. */
  source?: Pick<TopicSource, 'position' | 'replay' | 'past'>;
  /** In an execution of what was missed: the events. */
  readonly missed?: readonly TopicEvent[];
  /** Where the event stands that was executed last. */
  position?: Position | undefined;
}

/** For operators: which subscription an execution is of. */
export interface SubscriptionReading {
  readonly field: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** `undefined`: it reads no topic. */
  readonly topic?: Topic;
}

/** An execution that is traced. */
export interface TracedExecution {
  readonly trace: EventTrace;
  /** When it began, by `performance.now()`. */
  readonly from: number;
}

export interface ExecutedEvent {
  readonly kind: string;
  /** In milliseconds since 1970. */
  readonly occurredAt: number;
  /** By `performance.now()`. `undefined`: it was read from the past of a log. */
  readonly receivedAt: number | undefined;
  /** `undefined`: nobody traces it. */
  readonly traced: TracedExecution | undefined;
}

/** The part of a transport's session that resolvers use. */
export interface ViewerSession {
  readonly id: string;
  readonly identity: Identity;
  readonly visitor: Visitor;
  /** For the security log. */
  readonly who: Who;
  readonly scope: Scope;
  onEnd(listener: (error?: SessionError) => void): () => void;
  renew(identity: Identity): void;
}

/** Opens a session for a token, if it is good. The caller must close it. */
export type StartSession = (token: string, visitor: Visitor) => Promise<ViewerSession & { close(): void }>;

/** Throws `UNAUTHENTICATED` where there is none. */
export function requireSession(context: Context): ViewerSession {
  if (context.session === undefined) throw new SessionError('missing');
  return context.session;
}

/** What may be seen, by one or by many. Throws `UNAUTHENTICATED` where nobody has signed in. */
export function requireScope(context: Context): Scope {
  return context.audience?.scope ?? requireSession(context).scope;
}
