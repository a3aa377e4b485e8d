import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import type { Id } from '../api/rows.ts';
import { type Column, TableRow } from './data-table.tsx';

interface LiveRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly kind: ChangedKind;
  readonly isOpen?: boolean;
}

/** A row that shows for some seconds what a colleague did to it. */
export function LiveRow<Row extends { readonly id: Id }>({ kind, ...shown }: LiveRowProps<Row>) {
  const change = useRecentlyChanged(shown.row.id, { kind });
  return <TableRow {...shown} change={change} />;
}
