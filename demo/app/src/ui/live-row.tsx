import { type ChangedKind, type RecentChange, useRecentlyChanged } from 'dms-live-react';
import { useMemo } from 'react';
import type { Id } from '../api/rows.ts';
import { describeChange } from '../words/activity.ts';
import { type Column, TableRow } from './data-table.tsx';

interface LiveRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly kind: ChangedKind;
  readonly isOpen?: boolean;
  readonly isGone: boolean;
}

/** For as long as a row that is gone is likely to be held. */
const GONE_MS = 3_600_000;

/** A row that shows for some seconds what a colleague did to it. Of a thousand rows an event renders only the one that it changes. */
export function LiveRow<Row extends { readonly id: Id }>({
  row,
  columns,
  kind,
  isOpen,
  isGone,
}: LiveRowProps<Row>) {
  const change = useRecentlyChanged(row.id, isGone ? { kind, forMs: GONE_MS } : { kind });
  return useMemo(
    () => (
      <TableRow
        row={row}
        columns={columns}
        isOpen={isOpen ?? false}
        {...(isGone ? { goneWords: goneWordsFor(change) } : { change })}
      />
    ),
    [row, columns, change, isOpen, isGone],
  );
}

function goneWordsFor(change: RecentChange | undefined): string {
  const words = change === undefined ? 'No longer' : `${describeChange(change)} – no longer`;
  return `${words} in this list`;
}
