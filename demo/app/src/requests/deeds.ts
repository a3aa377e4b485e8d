import type { RequestDeed } from '../api/requests.ts';

interface DeedWords {
  /** What the button says. */
  readonly label: string;
  /** What the dialog is called, before the request's number. */
  readonly heading: string;
  /** What is about to happen. */
  readonly explanation: string;
  /** What has happened. */
  readonly done: string;
  readonly look: 'primary' | 'plain' | 'danger';
}

export const DEEDS: Readonly<Record<RequestDeed, DeedWords>> = {
  approve: {
    label: 'Approve',
    heading: 'Approve request',
    explanation: 'The request goes on to the store.',
    done: 'approved',
    look: 'primary',
  },
  reject: {
    label: 'Reject',
    heading: 'Reject request',
    explanation: 'The request ends here. This cannot be undone.',
    done: 'rejected',
    look: 'danger',
  },
  'send-back': {
    label: 'Send back',
    heading: 'Send back request',
    explanation: 'The request goes back to its creator for correction.',
    done: 'sent back',
    look: 'plain',
  },
  'allocate-storage': {
    label: 'Allocate storage',
    heading: 'Allocate storage for request',
    explanation: 'The crate gets its place in the store.',
    done: 'given a storage place',
    look: 'primary',
  },
  issue: {
    label: 'Issue',
    heading: 'Issue the crate of request',
    explanation: 'The crate is handed out.',
    done: 'issued',
    look: 'primary',
  },
  return: {
    label: 'Return',
    heading: 'Return the crate of request',
    explanation: 'The crate has come back to the store.',
    done: 'returned',
    look: 'primary',
  },
};
