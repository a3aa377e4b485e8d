import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import { useMemo } from 'react';
import type { Id } from '../api/rows.ts';
import { type Column, TableRow } from './data-table.tsx';

interface LiveRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly kind: ChangedKind;
  readonly isOpen?: boolean;
}

/** A row that shows for some seconds what a colleague did to it. Of a thousand rows an event renders only the one that it changes. */
export function LiveRow<Row extends { readonly id: Id }>({ row, columns, kind, isOpen }: LiveRowProps<Row>) {
  const change = useRecentlyChanged(row.id, { kind });
  return useMemo(
    () => <TableRow row={row} columns={columns} change={change} isOpen={isOpen ?? false} />,
    [row, columns, change, isOpen],
  );
}
