import type { RequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';

interface DeedWords {
  /** What the button says. */
  readonly label: string;
  /** What the dialog is called, before the request's number. */
  readonly heading: string;
  /** What is about to happen. */
  readonly explanation: string;
  /** What has happened. */
  readonly done: string;
  /** What it could be, and can be no longer. */
  readonly verb: string;
  readonly look: 'primary' | 'plain' | 'danger';
}

export const DEEDS: Readonly<Record<RequestDeed, DeedWords>> = {
  approve: {
    label: 'Approve',
    heading: 'Approve request',
    explanation: 'The request goes on to the store.',
    done: 'approved',
    verb: 'approved',
    look: 'primary',
  },
  reject: {
    label: 'Reject',
    heading: 'Reject request',
    explanation: 'The request is not carried out.',
    done: 'rejected',
    verb: 'rejected',
    look: 'danger',
  },
  'send-back': {
    label: 'Send back',
    heading: 'Send back request',
    explanation: 'The request goes back to its creator for correction.',
    done: 'sent back',
    verb: 'sent back',
    look: 'plain',
  },
  'allocate-storage': {
    label: 'Allocate storage',
    heading: 'Allocate storage for request',
    explanation: 'The crate gets its place in the store.',
    done: 'given a storage place',
    verb: 'given a storage place',
    look: 'primary',
  },
  issue: {
    label: 'Issue',
    heading: 'Issue the crate of request',
    explanation: 'The crate leaves the store.',
    done: 'issued',
    verb: 'issued',
    look: 'primary',
  },
  return: {
    label: 'Return',
    heading: 'Return the crate of request',
    explanation: 'The crate has come back to the store.',
    done: 'returned',
    verb: 'returned',
    look: 'primary',
  },
};

/** What cannot be undone; `undefined`: the deed is not final. */
export function warningOf(deed: RequestDeed, { request_type: type }: RequestRow): string | undefined {
  if (deed === 'reject') return 'The request ends here. This cannot be undone.';
  if (deed === 'approve' && type === 'Destruction')
    return 'The crate and all its documents will be destroyed. This cannot be undone.';
  return undefined;
}
