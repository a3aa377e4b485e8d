import type { RequestRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { RowFaces } from '../presence/present-at-rows.tsx';
import { Badge } from '../ui/badge.tsx';
import { type Column, None, RowButton } from '../ui/table-row.tsx';
import { REQUEST_TONES } from '../words/status.ts';
import { isOverdue, nameOf } from '../words/things.ts';
import { fullTime, shortTime } from '../words/time.ts';
import { LatestStep } from './latest-step.tsx';

const open = ({ id }: RequestRow) => setParams({ open: String(id) }, 'push');

const COLUMNS: readonly Column<RequestRow>[] = [
  { header: 'Request', className: 'w-23', sort: '-id', cell: (row) => <Open row={row} /> },
  { header: 'Type', className: 'w-26', sort: 'request_type', cell: ({ request_type }) => request_type },
  {
    header: 'Crate',
    className: 'hidden w-20 xl:block',
    sort: 'crate',
    cell: ({ crate }) => crate?.id ?? <None />,
  },
  {
    header: 'Status',
    className: 'w-34',
    sort: 'status',
    cell: ({ status }) => <Badge tone={REQUEST_TONES[status]}>{status}</Badge>,
  },
  {
    header: 'Latest',
    className: 'w-0 grow',
    cell: (row, change) => (
      <RowFaces id={row.id} onOpen={() => open(row)}>
        <LatestStep request={row} change={change} />
      </RowFaces>
    ),
  },
  {
    header: 'Created by',
    className: 'w-31',
    sort: 'created_by',
    cell: ({ created_by }) => nameOf(created_by),
  },
  {
    header: 'Approved by',
    className: 'hidden w-31 min-[1400px]:block',
    sort: 'approved_by',
    cell: ({ approved_by }) => nameOf(approved_by) || <None />,
  },
  {
    header: 'Created',
    className: 'hidden w-23 min-[1400px]:block',
    sort: '-created_at',
    cell: ({ created_at }) => <time title={fullTime(created_at)}>{shortTime(created_at)}</time>,
  },
  {
    header: 'Due back',
    className: 'hidden w-32 lg:block',
    sort: 'expected_return_date',
    cell: (row) => <Due request={row} />,
  },
];

const WITH_UNIT: readonly Column<RequestRow>[] = [
  ...COLUMNS,
  { header: 'Unit', className: 'w-17', sort: 'unit_id', cell: ({ unit_id }) => unit_id },
];

/** @param withUnit For those who see more than one. */
export function requestColumns(withUnit: boolean): readonly Column<RequestRow>[] {
  return withUnit ? WITH_UNIT : COLUMNS;
}

/** Two lines instead of columns, for narrow pages. */
export const NARROW_REQUEST: readonly Column<RequestRow>[] = [
  {
    header: 'Request',
    className: 'w-0 grow',
    cell: (row, change) => (
      <>
        <span className="block truncate">
          <Open row={row} /> {row.request_type}
        </span>
        <span className="block truncate text-ink-soft">
          <RowFaces id={row.id} onOpen={() => open(row)}>
            {change === undefined && row.created_by !== null && `${nameOf(row.created_by)} · `}
            <LatestStep request={row} change={change} />
          </RowFaces>
        </span>
      </>
    ),
  },
  {
    header: 'Status',
    className: 'w-32 pl-0! text-right',
    cell: (row) => (
      <>
        <Badge tone={REQUEST_TONES[row.status]}>{row.status}</Badge>
        <span className="block h-5">
          <NarrowDue request={row} />
        </span>
      </>
    ),
  },
];

function Open({ row }: { readonly row: RequestRow }) {
  return <RowButton onOpen={() => open(row)}>{row.id}</RowButton>;
}

/** With its word, since there is no heading; and nothing where nothing is due. */
function NarrowDue({ request }: { readonly request: RequestRow }) {
  const { expected_return_date: due, return_date: returned } = request;
  if (due === null || returned !== null) return null;
  return (
    <span className="text-xs text-ink-soft">
      {!isOverdue(request) && 'Due '}
      <Due request={request} />
    </span>
  );
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
