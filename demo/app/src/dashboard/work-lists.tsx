import { useFreshness } from 'dms-live-react';
import { OVERDUE, useFirstRequests } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { useSteadyList } from '../ui/use-steady-list.ts';
import { describeWaiting } from '../ui/waiting.tsx';
import { nameOf } from '../words/things.ts';
import { fullTime, shortTime } from '../words/time.ts';
import { Panel } from './panel.tsx';

/** What waits longest to be approved. */
export function WaitingLongest() {
  const pending = useFirstRequests({ status: 'Pending', unit: useUnit(), by: 'created_at', length: LENGTH });
  const waiting = describeWaiting('These requests', useFreshness(pending));
  return (
    <WorkList
      title="Waiting longest for approval"
      empty={waiting || (pending.isSuccess ? 'Nothing waits.' : '')}
      rows={pending.data ?? []}
      timeOf={({ created_at }) => created_at}
    />
  );
}

/** Which crates should have come back long ago. */
export function LongestOverdue() {
  const by = 'expected_return_date';
  const late = useFirstRequests({ status: OVERDUE, unit: useUnit(), by, length: LENGTH });
  const waiting = describeWaiting('These requests', useFreshness(late));
  return (
    <WorkList
      title="Longest overdue"
      empty={waiting || (late.isSuccess ? 'Nothing is overdue.' : '')}
      rows={late.data ?? []}
      timeOf={({ expected_return_date }) => expected_return_date}
    />
  );
}

interface WorkListProps {
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly RequestRow[];
  readonly timeOf: (row: RequestRow) => string | null;
}

/** How many rows are shown. Their space is kept while there are fewer. */
const LENGTH = 5;
const ROW_HEIGHT = 36;

function WorkList({ title, empty, rows, timeOf }: WorkListProps) {
  const unit = useUnit();
  const steady = useSteadyList(rows, { list: unit, isCut: true });
  return (
    <Panel title={title}>
      <ul ref={steady.ref} style={{ minHeight: ROW_HEIGHT * LENGTH }}>
        {steady.rows.length === 0 && <li className="px-4 py-2 text-ink-faint">{empty}</li>}
        {steady.rows.slice(0, LENGTH).map(({ row, isGone }) => (
          <li key={row.id} style={{ height: ROW_HEIGHT }}>
            <a
              href={addressOf('requests', { open: String(row.id), unit })}
              className="grid h-full grid-cols-[3.5rem_5.5rem_1fr_auto] items-center gap-2 border-t border-line px-4 -outline-offset-2 hover:bg-raised"
            >
              <span className="font-medium text-accent">{row.id}</span>
              {isGone ? (
                <span className="col-span-3 truncate text-ink-soft italic">No longer in this list</span>
              ) : (
                <>
                  <span>{row.request_type}</span>
                  <span className="truncate text-ink-soft">{nameOf(row.created_by)}</span>
                  <time title={fullTime(timeOf(row))} className="text-ink-soft">
                    {shortTime(timeOf(row))}
                  </time>
                </>
              )}
            </a>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
