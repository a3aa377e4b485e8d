import type { LiveRefusal } from 'dms-live-react';
import type { AuditFilter } from '../api/audit.ts';
import { ownTimeZone } from './days.ts';
import { hasEnded } from './use-audit-filter.ts';

interface NoteProps {
  readonly filter: AuditFilter;
  /** Why the server sends no new entries, if it does not. */
  readonly refusal: LiveRefusal | undefined;
}

/** In which time zone times are, and where new entries do not appear: why not. */
export function AuditNote({ filter, refusal }: NoteProps) {
  return (
    <p className="mb-2 text-xs text-ink-soft">
      Times are in {ownTimeZone()}. <span role="status">{whyNotLive(filter, refusal)}</span>
    </p>
  );
}

function whyNotLive(filter: AuditFilter, refusal: LiveRefusal | undefined): string {
  if (refusal !== undefined)
    return `New entries do not appear by themselves; reload the page to see them. (${refusal.message})`;
  return hasEnded(filter)
    ? 'The period is over, so no new entries appear.'
    : 'New entries appear at the top.';
}
