import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import type { Id } from '../api/rows.ts';
import { useMe } from '../session/me.tsx';
import { describeChange } from '../words/activity.ts';
import { isSame } from '../words/things.ts';
import { momentOf } from '../words/time.ts';

/** As long as a dialog is open, at most. */
const FOR_MS = 3_600_000;

/** `, relocated by Peter Osei at 10:02`, to be added to a sentence; empty if nobody did anything to it since the page was opened. */
export function useLatestDeed(kind: ChangedKind, id: Id | undefined): string {
  const me = useMe();
  const change = useRecentlyChanged(id, { kind, forMs: FOR_MS });
  if (change === undefined) return '';
  const { action, actor, at } = change;
  const by = isSame(actor?.id, me.id) ? { name: 'you' } : actor;
  const words = describeChange({ action, actor: by });
  return `, ${words.charAt(0).toLowerCase()}${words.slice(1)} ${momentOf(at)}`;
}
