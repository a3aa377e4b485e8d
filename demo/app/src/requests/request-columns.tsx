import type { RequestRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { RowFaces } from '../presence/present-at-rows.tsx';
import { Badge } from '../ui/badge.tsx';
import { type Column, None, RowButton } from '../ui/data-table.tsx';
import { REQUEST_TONES } from '../words/status.ts';
import { isOverdue, nameOf } from '../words/things.ts';
import { fullTime, shortTime } from '../words/time.ts';
import { LatestStep } from './latest-step.tsx';

const open = ({ id }: RequestRow) => setParams({ open: String(id) }, 'push');

const COLUMNS: readonly Column<RequestRow>[] = [
  {
    header: 'Request',
    className: 'w-19',
    cell: (row) => <RowButton onOpen={() => open(row)}>{row.id}</RowButton>,
  },
  { header: 'Type', className: 'w-26', cell: ({ request_type }) => request_type },
  { header: 'Crate', className: 'hidden w-17 lg:table-cell', cell: ({ crate }) => crate?.id ?? <None /> },
  {
    header: 'Status',
    className: 'w-34',
    cell: ({ status }) => <Badge tone={REQUEST_TONES[status]}>{status}</Badge>,
  },
  {
    header: 'Latest',
    className: '',
    cell: (row, change) => (
      <RowFaces id={row.id} onOpen={() => open(row)}>
        <LatestStep request={row} change={change} />
      </RowFaces>
    ),
  },
  { header: 'Created by', className: 'w-31', cell: ({ created_by }) => nameOf(created_by) },
  {
    header: 'Approved by',
    className: 'hidden w-31 xl:table-cell',
    cell: ({ approved_by }) => nameOf(approved_by) || <None />,
  },
  {
    header: 'Created',
    className: 'hidden w-20 xl:table-cell',
    cell: ({ created_at }) => <time title={fullTime(created_at)}>{shortTime(created_at)}</time>,
  },
  { header: 'Due back', className: 'hidden w-37 lg:table-cell', cell: (row) => <Due request={row} /> },
];

const UNIT: Column<RequestRow> = { header: 'Unit', className: 'w-14', cell: ({ unit_id }) => unit_id };

/** @param withUnit For those who see more than one. */
export function requestColumns(withUnit: boolean): readonly Column<RequestRow>[] {
  return withUnit ? [...COLUMNS, UNIT] : COLUMNS;
}

function Due({ request }: { readonly request: RequestRow }) {
  const { expected_return_date: due, return_date: returned } = request;
  if (due === null || returned !== null) return <None />;
  const isLate = isOverdue(request);
  return (
    <time title={fullTime(due)} className={isLate ? 'font-medium text-danger' : undefined}>
      {isLate && 'Overdue, '}
      {shortTime(due)}
    </time>
  );
}
