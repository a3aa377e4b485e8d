import type { RequestRow, UserRow } from '../api/rows.ts';
import { nameOf } from './things.ts';

/** What somebody did, as it happened. */
export interface Change {
  /** As events spell it: `SENT_BACK`. */
  readonly action: string;
  readonly actor: { readonly name?: string | null } | null;
}

const WORDS: Readonly<Record<string, string>> = {
  SENT_BACK: 'Sent back',
  STORAGE_ALLOCATED: 'Storage allocated',
  STATUS_CHANGED: 'Status changed',
  BULK_CREATED: 'Created',
  MOVED_OUT: 'Moved to another unit',
  MOVED_IN: 'Moved here from another unit',
};

/** `Approved by Noor Rahman` */
export function describeChange({ action, actor }: Change): string {
  const word = WORDS[action] ?? capitalize(action);
  return actor?.name == null ? word : `${word} by ${actor.name}`;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase().replaceAll('_', ' ');
}

/** One step of a request's way: who took it, and when, as far as the DMS keeps that. */
export interface Step {
  readonly label: string;
  readonly isDone: boolean;
  readonly by: string;
  readonly at: string | null;
}

/** The way of a request: how far it has come, and what lies ahead unless it has ended. */
export function stepsOf(row: RequestRow): Step[] {
  const steps = [
    dated('Created', row.created_by, row.created_at),
    dated('Approved', row.approved_by, row.approval_date),
    ...stepsOfType(row),
  ];
  const done = steps.filter(({ isDone }) => isDone);
  const ahead = steps.filter(({ isDone }) => !isDone);
  if (row.status === 'Rejected') return [...done, undated('Rejected')];
  if (row.status === 'Sent Back') return [...done, undated('Sent back'), ...ahead];
  return row.status === 'Completed' ? [...done, undated('Completed')] : steps;
}

function stepsOfType(row: RequestRow): Step[] {
  if (row.request_type === 'Storage') {
    return [dated('Storage allocated', row.allocated_by, row.allocation_date)];
  }
  if (row.request_type === 'Destruction') return [];
  return [dated('Issued', row.issued_by, row.issue_date), dated('Returned', null, row.return_date)];
}

function dated(label: string, user: UserRow | null, at: string | null): Step {
  return { label, isDone: at !== null, by: nameOf(user), at };
}

/** That it was done is known by the status only. */
function undated(label: string): Step {
  return { label, isDone: true, by: '', at: null };
}
