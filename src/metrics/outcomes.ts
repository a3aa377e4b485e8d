import { Counter, type Registry } from 'prom-client';
import { SESSION_ENDS, type SessionEnd } from '../auth/open-sessions.ts';
import { ERROR_CODES, type ErrorCode } from '../errors.ts';
import {
  type EndingsObserver,
  RESUMES,
  type Resume,
  SUBSCRIPTION_ENDS,
  type SubscriptionEnd,
} from '../graphql/endings.ts';

/** How sessions and subscriptions end, and what clients get instead of what they asked for. */
export interface Outcomes extends EndingsObserver {
  sessionEnded(reason: SessionEnd): void;
  /** A client got an error. */
  failed(code: ErrorCode): void;
}

export function createOutcomes(registers: Registry[]): Outcomes {
  /** A counter that begins at 0 for each word, so that the first increase is seen as one. */
  function byWord<Word extends string>(name: string, help: string, label: string, words: readonly Word[]) {
    const counter = new Counter({ name, help, labelNames: [label], registers });
    for (const word of words) counter.inc({ [label]: word }, 0);
    return (word: Word): void => counter.inc({ [label]: word });
  }
  return {
    sessionEnded: byWord<SessionEnd>(
      'dms_live_session_ends_total',
      'Sessions of sockets, streams and requests that are over, by why.',
      'reason',
      SESSION_ENDS,
    ),
    failed: byWord<ErrorCode>(
      'dms_live_errors_total',
      'Errors that clients got for operations, requests and connections, by extensions.code.',
      'code',
      ERROR_CODES,
    ),
    resumed: byWord<Resume>(
      'dms_live_resumes_total',
      'Cursors that clients sent to get what they missed, by what became of them.',
      'outcome',
      RESUMES,
    ),
    subscriptionEnded: byWord<SubscriptionEnd>(
      'dms_live_subscription_ends_total',
      'Subscriptions that ran and are over, by why.',
      'reason',
      SUBSCRIPTION_ENDS,
    ),
  };
}
