import type { ReactNode } from 'react';
import type { CrateRow, StorageRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { RowFaces } from '../presence/present-at-rows.tsx';
import { Badge } from '../ui/badge.tsx';
import { JustNow } from '../ui/just-now.tsx';
import { type Column, None, RowButton } from '../ui/table-row.tsx';
import type { Change } from '../words/activity.ts';
import { CRATE_TONES } from '../words/status.ts';
import { describePlace, labelOf } from '../words/things.ts';
import { fullTime } from '../words/time.ts';

const open = ({ id }: CrateRow) => setParams({ open: String(id) }, 'push');

const COLUMNS: readonly Column<CrateRow>[] = [
  { header: 'Crate', className: 'w-21', sort: '-id', cell: (row) => <Open row={row} /> },
  {
    header: 'Status',
    className: 'w-34',
    sort: 'status',
    cell: ({ status }) => <Badge tone={CRATE_TONES[status]}>{status}</Badge>,
  },
  {
    header: 'Storage place',
    className: 'w-54 xl:w-80',
    sort: 'storage',
    cell: ({ storage }) => (storage === null ? <None /> : <Place storage={storage} />),
  },
  {
    header: 'Documents',
    className: 'w-0 grow',
    cell: (row, change) => (
      <RowFaces id={row.id} onOpen={() => open(row)}>
        {latestOf(row, change) || <None />}
      </RowFaces>
    ),
  },
  {
    header: 'To be destroyed',
    className: 'hidden w-34 xl:block',
    sort: 'destruction_date',
    cell: ({ destruction_date }) => fullTime(destruction_date) || <None />,
  },
];

const WITH_UNIT: readonly Column<CrateRow>[] = [
  ...COLUMNS,
  { header: 'Unit', className: 'w-17', sort: 'unit_id', cell: ({ unit_id }) => unit_id },
];

/** @param withUnit For those who see more than one. */
export function crateColumns(withUnit: boolean): readonly Column<CrateRow>[] {
  return withUnit ? WITH_UNIT : COLUMNS;
}

/** Two lines instead of columns, for narrow pages. */
export const NARROW_CRATE: readonly Column<CrateRow>[] = [
  {
    header: 'Crate',
    className: 'w-0 grow',
    cell: (row, change) => (
      <>
        <span className="block truncate">
          <Open row={row} /> {row.storage === null ? 'Not stored' : <Place storage={row.storage} />}
        </span>
        <span className="block truncate text-ink-soft">
          <RowFaces id={row.id} onOpen={() => open(row)}>
            {latestOf(row, change) || 'No documents'}
          </RowFaces>
        </span>
      </>
    ),
  },
  {
    header: 'Status',
    className: 'w-31 pl-0! text-right',
    cell: ({ status }) => <Badge tone={CRATE_TONES[status]}>{status}</Badge>,
  },
];

/** The shelf matters most, so it must not be what is cut off where there is less room. */
function Place({ storage }: { readonly storage: StorageRow }) {
  const { room_name, rack_name } = storage;
  return (
    <span title={describePlace(storage)}>
      <span className="max-xl:hidden">{describePlace(storage)}</span>
      <span className="xl:hidden">
        {[room_name, rack_name, labelOf(storage)].filter(Boolean).join(' · ')}
      </span>
    </span>
  );
}

function Open({ row }: { readonly row: CrateRow }) {
  return <RowButton onOpen={() => open(row)}>{row.id}</RowButton>;
}

/** What a colleague did just now; otherwise what is in the crate. */
function latestOf({ documents }: CrateRow, change: Change | undefined): ReactNode {
  if (change !== undefined) return <JustNow change={change} />;
  return (documents ?? []).map(({ document_name }) => document_name).join(', ');
}
