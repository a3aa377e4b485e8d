import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import { useMemo } from 'react';
import type { Id } from '../api/rows.ts';
import { describeChange } from '../words/activity.ts';
import type { RowState } from './data-table.tsx';
import { TableRow } from './table-row.tsx';

export interface LiveRowProps<Row> extends RowState<Row> {
  readonly row: Row;
  readonly kind: ChangedKind;
}

/** For as long as a row that is gone is likely to be held. */
const GONE_MS = 3_600_000;

/** A row that shows for some seconds what a colleague did to it. Of a thousand rows an event renders only the one that it changes. */
export function LiveRow<Row extends { readonly id: Id }>(props: LiveRowProps<Row>) {
  const { row, columns, kind, isOpen, isGone } = props;
  const change = useRecentlyChanged(row.id, isGone ? { kind, forMs: GONE_MS } : { kind });
  return useMemo(() => {
    if (!isGone) return <TableRow row={row} columns={columns} change={change} isOpen={isOpen} />;
    const words = change === undefined ? 'No longer' : `${describeChange(change)} – no longer`;
    return <TableRow row={row} columns={columns} isOpen={isOpen} goneWords={`${words} in this list`} />;
  }, [row, columns, change, isOpen, isGone]);
}
