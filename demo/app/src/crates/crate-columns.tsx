import type { CrateRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { RowFaces } from '../presence/present-at-rows.tsx';
import { Badge } from '../ui/badge.tsx';
import { type Column, None, RowButton } from '../ui/data-table.tsx';
import { describeChange } from '../words/activity.ts';
import { CRATE_TONES } from '../words/status.ts';
import { describePlace } from '../words/things.ts';
import { fullTime } from '../words/time.ts';

const open = ({ id }: CrateRow) => setParams({ open: String(id) }, 'push');

const COLUMNS: readonly Column<CrateRow>[] = [
  {
    header: 'Crate',
    className: 'w-20',
    cell: (row) => <RowButton onOpen={() => open(row)}>{row.id}</RowButton>,
  },
  {
    header: 'Status',
    className: 'w-34',
    cell: ({ status }) => <Badge tone={CRATE_TONES[status]}>{status}</Badge>,
  },
  {
    header: 'Storage place',
    className: 'w-54 xl:w-80',
    cell: ({ storage }) =>
      storage === null ? <None /> : <span title={describePlace(storage)}>{describePlace(storage)}</span>,
  },
  {
    header: 'Documents',
    className: '',
    cell: (row, change) => (
      <RowFaces id={row.id} onOpen={() => open(row)}>
        {change === undefined ? (
          (row.documents ?? []).map(({ document_name }) => document_name).join(', ') || <None />
        ) : (
          <span className="font-medium">{describeChange(change)}, just now</span>
        )}
      </RowFaces>
    ),
  },
  {
    header: 'To be destroyed',
    className: 'hidden w-32 xl:table-cell',
    cell: ({ destruction_date }) => fullTime(destruction_date) || <None />,
  },
];

const UNIT: Column<CrateRow> = { header: 'Unit', className: 'w-14', cell: ({ unit_id }) => unit_id };

/** @param withUnit For those who see more than one. */
export function crateColumns(withUnit: boolean): readonly Column<CrateRow>[] {
  return withUnit ? [...COLUMNS, UNIT] : COLUMNS;
}
