import { SlowReaderError } from 'yoga-shared-subscriptions';
import type { ErrorCode } from '../errors.ts';
import { codeOfError } from './mask-error.ts';

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

/** How a subscription is over: it has run, or it never began. Its client may have given it up before. */
export type Ending = { readonly ended: SubscriptionEnd } | { readonly refused: ErrorCode | 'ABANDONED' };

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

  /** The subscription runs from now on. Returns false if it is over already. */
  begin(): boolean {
    if (this.#isOver) return false;
    this.#isRunning = true;
    if (this.#isResuming) this.#observer.resumed('resumed');
    return true;
  }

  /** It was ended by this error, by its client, or could not begin. Only the first call counts; others return `undefined`. */
  end(error: unknown): Ending | undefined {
    if (this.#isOver) return undefined;
    this.#isOver = true;
    if (this.#isRunning) {
      const ended = this.#reasonOf(error);
      this.#observer.subscriptionEnded(ended);
      return { ended };
    }
    if (error === undefined) return { refused: 'ABANDONED' };
    if (this.#isResuming) this.#observer.resumed(failureOf(error));
    return { refused: codeOfError(error) };
  }

  /** Its connection is gone: if it is ended without an error, that is why. */
  disconnect(): void {
    this.#isConnected = false;
  }

  #reasonOf(error: unknown): SubscriptionEnd {
    if (error === undefined) return this.#isConnected ? 'completed' : 'disconnected';
    if (error instanceof SlowReaderError) return 'slow';
    return REASONS[codeOfError(error)] ?? 'failed';
  }
}

const REASONS: Partial<Record<ErrorCode, SubscriptionEnd>> = {
  UNAUTHENTICATED: 'session',
  CURSOR_EXPIRED: 'lost',
  SERVICE_UNAVAILABLE: 'unavailable',
};

function failureOf(error: unknown): Resume {
  const code = codeOfError(error);
  if (code === 'CURSOR_EXPIRED') return 'expired';
  return code === 'SERVICE_UNAVAILABLE' ? 'unavailable' : 'refused';
}
