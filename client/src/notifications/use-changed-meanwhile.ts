'use client';

import { useMemo, useState, useSyncExternalStore } from 'react';
import { useLiveSurroundings } from '../react/live-context.ts';
import { type ChangeLog, changeLogOf, type NotedChange } from './change-log.ts';
import { type ChangedMeanwhile, changedMeanwhile } from './changed-meanwhile.ts';
import type { ChangedKind } from './recent-changes.ts';
import { useViewerId } from './use-viewer-id.ts';

interface WithId {
  readonly id: string | number;
}

/**
 * What has changed about a row since the component was mounted: by whom, when, and which fields; `undefined`: nothing. For dialogs
 * that are about to act upon the row. It reports what the live hooks of the page receive (`useLiveRequests`, …).
 *
 * ```tsx
 * const meanwhile = useChangedMeanwhile('request', request);
 * const others = meanwhile?.changes.filter(({ isOwn }) => !isOwn) ?? [];
 * return others.map(({ action, actor, occurredAt }) => (
 *   <p role="alert" key={occurredAt}>
 *     {actor?.name ?? 'The system'}: {action}, {new Date(occurredAt).toLocaleTimeString()}
 *   </p>
 * ));
 * ```
 * @param row as the page shows it now. The first one is what the component was opened with; one of another id opens it again.
 *   `undefined`: the page has it no longer, or not yet.
 */
export function useChangedMeanwhile<Row extends WithId>(
  kind: ChangedKind,
  row: Row | undefined,
): ChangedMeanwhile<Row> | undefined {
  const { client, patches } = useLiveSurroundings();
  const log = changeLogOf(client);
  const viewerId = useViewerId();
  const [opened, setOpened] = useState(() => open(log, kind, row));
  const isAnother = row !== undefined && String(row.id) !== opened.id;
  if (isAnother || opened.log !== log || opened.kind !== kind) setOpened(open(log, kind, row));
  const noted = useSyncExternalStore(opened.subscribe, opened.noted, opened.noted);
  return useMemo(() => {
    const { before } = opened;
    return before && changedMeanwhile({ before, row, noted, viewerId, patches });
  }, [opened, row, noted, viewerId, patches]);
}

/** Collects what happens to a row from now on. */
function open<Row extends WithId>(log: ChangeLog, kind: ChangedKind, before: Row | undefined) {
  const id = before === undefined ? undefined : String(before.id);
  let position = log.position;
  let collected: readonly NotedChange[] = [];
  return {
    log,
    kind,
    id,
    before,
    noted: () => collected,
    subscribe(listener: () => void): () => void {
      if (id === undefined) return () => {};
      return log.follow({ kind, id }, position, (noted, at) => {
        position = at;
        collected = [...collected, noted];
        listener();
      });
    },
  };
}
