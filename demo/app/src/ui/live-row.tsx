import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
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

/** A row that shows for some seconds what a colleague did to it. */
export function LiveRow<Row extends { readonly id: Id }>({ kind, isGone, ...shown }: LiveRowProps<Row>) {
  const change = useRecentlyChanged(shown.row.id, isGone ? { kind, forMs: GONE_MS } : { kind });
  if (!isGone) return <TableRow {...shown} change={change} />;
  const words = change === undefined ? 'No longer' : `${describeChange(change)} – no longer`;
  return <TableRow {...shown} goneWords={`${words} in this list`} />;
}
