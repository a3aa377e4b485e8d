import { useRequests } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { isOverdue, nameOf } from '../words/things.ts';
import { fullTime, shortTime } from '../words/time.ts';

const LENGTH = 5;

/** What waits longest: to be approved, and to come back. */
export function WorkLists() {
  const unit = useUnit();
  const pending = useRequests({ type: '', status: 'Pending', unit, search: '' });
  const issued = useRequests({ type: 'Withdrawal', status: 'Issued', unit, search: '' });
  const waiting = pending.data?.results.toReversed() ?? [];
  const overdue = (issued.data?.results.filter(isOverdue) ?? []).toSorted(byDueDate);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <WorkList
        title="Waiting longest for approval"
        empty={pending.isPending ? '' : 'Nothing waits.'}
        rows={waiting}
        timeOf={({ created_at }) => created_at}
      />
      <WorkList
        title="Longest overdue"
        empty={issued.isPending ? '' : 'Nothing is overdue.'}
        rows={overdue}
        timeOf={({ expected_return_date }) => expected_return_date}
      />
    </div>
  );
}

interface WorkListProps {
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly RequestRow[];
  readonly timeOf: (row: RequestRow) => string | null;
}

function WorkList({ title, empty, rows, timeOf }: WorkListProps) {
  const unit = useUnit();
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface">
      <h2 className="px-4 pt-3 pb-2 font-semibold">{title}</h2>
      <ul className="h-47">
        {rows.length === 0 && <li className="px-4 py-2 text-ink-faint">{empty}</li>}
        {rows.slice(0, LENGTH).map((row) => (
          <li key={row.id}>
            <a
              href={addressOf('requests', { open: String(row.id), unit })}
              className="grid h-9 grid-cols-[4rem_6.5rem_1fr_auto] items-center gap-2 border-t border-line px-4 hover:bg-raised"
            >
              <span className="font-medium text-accent">{row.id}</span>
              <span>{row.request_type}</span>
              <span className="truncate text-ink-soft">{nameOf(row.created_by)}</span>
              <time title={fullTime(timeOf(row))} className="text-ink-soft">
                {shortTime(timeOf(row))}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function byDueDate(one: RequestRow, other: RequestRow): number {
  return Date.parse(one.expected_return_date ?? '') - Date.parse(other.expected_return_date ?? '');
}
