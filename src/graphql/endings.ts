import { GraphQLError } from 'graphql';
import { SlowReaderError } from 'yoga-shared-subscriptions';
import { type ErrorCode, LiveError, toErrorCode } from '../errors.ts';

/** Why subscriptions end. A closed set: each is a label of the metric `dms_live_subscription_ends_total`. */
export const SUBSCRIPTION_ENDS = [
  /** Its client has completed it, or has closed its event stream. */
  'completed',
  /** The connection is gone. */
  'disconnected',
  /** The session has expired, was revoked, or the user has changed. */
  'session',
  /** Events were lost: the client fetches its data again. */
  'lost',
  /** The log could not be read, or too many events came at once: the client comes back, and resumes. */
  'unavailable',
  /** The client did not keep up. */
  'slow',
  /** A fault of ours; it is logged. */
  'failed',
] as const;

export type SubscriptionEnd = (typeof SUBSCRIPTION_ENDS)[number];

/** What becomes of a cursor that a client sends. A closed set: each is a label of the metric `dms_live_resumes_total`. */
export const RESUMES = [
  /** The client gets what it missed. */
  'resumed',
  /** That is no longer known: the client fetches its data again. */
  'expired',
  /** It cannot be read now: the client tries again. */
  'unavailable',
  /** The subscription was refused for another reason. */
  'refused',
] as const;

export type Resume = (typeof RESUMES)[number];

/** For metrics. */
export interface EndingsObserver {
  subscriptionEnded(reason: SubscriptionEnd): void;
  resumed(outcome: Resume): void;
}

/** Follows one subscription, from its request to its end. A class, since there is one for each subscription. */
export class Endings {
  readonly #observer: EndingsObserver;
  readonly #isResuming: boolean;
  #isRunning = false;
  #isOver = false;
  #isConnected = true;

  /** @param isResuming whether the client has sent a cursor. */
  constructor(observer: EndingsObserver, isResuming: boolean) {
    this.#observer = observer;
    this.#isResuming = isResuming;
  }

  /** The subscription runs from now on. */
  begin(): void {
    if (this.#isOver) return;
    this.#isRunning = true;
    if (this.#isResuming) this.#observer.resumed('resumed');
  }

  /** It was ended by this error, by its client, or could not begin. Only the first call counts. */
  end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isRunning) this.#observer.subscriptionEnded(this.#reasonOf(error));
    else if (this.#isResuming && error !== undefined) this.#observer.resumed(failureOf(error));
  }

  /** Its connection is gone: if it is ended without an error, that is why. */
  disconnect(): void {
    this.#isConnected = false;
  }

  #reasonOf(error: unknown): SubscriptionEnd {
    if (error === undefined) return this.#isConnected ? 'completed' : 'disconnected';
    if (error instanceof SlowReaderError) return 'slow';
    return REASONS[codeOf(error)] ?? 'failed';
  }
}

const REASONS: Partial<Record<ErrorCode, SubscriptionEnd>> = {
  UNAUTHENTICATED: 'session',
  CURSOR_EXPIRED: 'lost',
  SERVICE_UNAVAILABLE: 'unavailable',
};

function failureOf(error: unknown): Resume {
  const code = codeOf(error);
  if (code === 'CURSOR_EXPIRED') return 'expired';
  return code === 'SERVICE_UNAVAILABLE' ? 'unavailable' : 'refused';
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof LiveError) return error.code;
  return toErrorCode(error instanceof GraphQLError ? error.extensions['code'] : undefined);
}
