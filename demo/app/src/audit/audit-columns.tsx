import type { AuditRow } from '../api/rows.ts';
import type { Column } from '../ui/data-table.tsx';
import { nameOf } from '../words/things.ts';
import { clockWithSeconds, fullTime } from '../words/time.ts';
import { Changes } from './changes.tsx';

export const AUDIT_COLUMNS: readonly Column<AuditRow>[] = [
  {
    header: 'Time',
    className: 'w-22',
    cell: ({ at }) => at && <time title={fullTime(at)}>{clockWithSeconds(at)}</time>,
  },
  {
    header: 'Who',
    className: 'w-32 lg:w-54',
    cell: ({ user }) => (
      <>
        <span className="font-medium">{nameOf(user) || 'The system'}</span>{' '}
        <span className="text-ink-faint max-lg:hidden">{user?.role}</span>
      </>
    ),
  },
  { header: 'What', className: 'w-52', cell: ({ action }) => action },
  { header: 'Object', className: 'w-18', cell: ({ object_id }) => object_id },
  { header: 'Changes', className: '', cell: ({ changes }) => <Changes changes={changes} /> },
  { header: 'From', className: 'hidden w-24 xl:table-cell', cell: ({ ip_address }) => ip_address },
  { header: 'Unit', className: 'w-14', cell: ({ unit_id }) => unit_id },
];
