import type { AuditRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { type Column, RowButton } from '../ui/table-row.tsx';
import { nameOf } from '../words/things.ts';
import { Changes } from './changes.tsx';
import { dayAndClock, localTime } from './days.ts';
import { describeObject } from './object.ts';

export const AUDIT_COLUMNS: readonly Column<AuditRow>[] = [
  {
    header: 'Time',
    className: 'w-26 sm:w-45',
    cell: ({ at }) => at && <Time at={at} />,
  },
  {
    header: 'Action',
    className: 'w-0 grow sm:w-44 xl:grow-0',
    cell: ({ id, action, user }) => (
      <>
        <RowButton onOpen={() => setParams({ open: String(id) }, 'push')}>{action || 'No action'}</RowButton>
        <span className="block truncate text-xs text-ink-faint sm:hidden">
          {nameOf(user) || 'The system'}
        </span>
      </>
    ),
  },
  { header: 'Object', className: 'hidden w-38 md:block', cell: (row) => describeObject(row) },
  {
    header: 'Who',
    className: 'hidden w-32 sm:block xl:w-52',
    cell: ({ user }) => (
      <>
        {nameOf(user) || 'The system'} <span className="text-ink-faint max-xl:hidden">{user?.role}</span>
      </>
    ),
  },
  {
    header: 'Changes',
    className: 'hidden w-0 grow xl:block',
    cell: ({ changes }) => <Changes changes={changes} />,
  },
  { header: 'IP address', className: 'hidden w-28 xl:block', cell: ({ ip_address }) => ip_address },
  { header: 'Unit', className: 'hidden w-14 xl:block', cell: ({ unit_id }) => unit_id },
];

/** Never without its day: what is from yesterday must not look like today's. */
function Time({ at }: { readonly at: string }) {
  const [day, clock] = dayAndClock(at);
  return (
    <time dateTime={at} title={localTime(at)} className="block truncate">
      <span className="max-sm:block max-sm:text-xs max-sm:text-ink-faint">{day}</span> <span>{clock}</span>
    </time>
  );
}
