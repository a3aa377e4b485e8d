import type { Age, Ages } from '../api/figures.ts';
import { addressOf } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { Badge } from '../ui/badge.tsx';
import { None } from '../ui/table-row.tsx';
import { describeDuration, inDigits, shortDuration } from '../words/amounts.ts';
import { REQUEST_TONES } from '../words/status.ts';
import { fullTime } from '../words/time.ts';
import { Panel } from './panel.tsx';
import { useNow } from './use-now.ts';

const HEAD = 'px-2 py-1 text-left text-xs font-medium text-ink-soft first:pl-4 last:pr-4';
const CELL = 'h-9 border-t border-line px-2 first:pl-4 last:pr-4';
const USUAL_ROWS = 5;

interface TimeInStatusProps {
  readonly ages: Ages | undefined;
  /** Why the times are not there; empty if there is nothing to say. */
  readonly waiting: string;
}

/** How long the requests under way have been in their status, by the dates that the DMS keeps. */
export function TimeInStatus({ ages, waiting }: TimeInStatusProps) {
  const unit = useUnit();
  return (
    <Panel title="Time in status">
      <table className="w-full" style={{ minHeight: 36 * USUAL_ROWS }}>
        <thead>
          <tr>
            <th scope="col" className={HEAD}>
              Status
            </th>
            <th scope="col" className={`${HEAD} text-right`}>
              Now
            </th>
            <th scope="col" className={HEAD} title="The median: half of them have been so for longer.">
              Half for longer than
            </th>
            <th scope="col" className={HEAD}>
              The longest
            </th>
          </tr>
        </thead>
        <tbody>
          {ages === undefined && (
            <tr>
              <td colSpan={4} className="px-4 py-2 align-top text-ink-faint">
                {waiting}
              </td>
            </tr>
          )}
          {ages?.by_status.map(({ status, ...age }) => (
            <tr key={status}>
              <th scope="row" className={`${CELL} text-left font-normal`}>
                <Badge tone={REQUEST_TONES[status]}>{status}</Badge>
              </th>
              <td className={`${CELL} text-right`}>
                <a
                  href={addressOf('requests', { status, unit })}
                  data-figure
                  aria-label={`${inDigits(age.count)}, ${status}`}
                  className="font-medium text-accent hover:underline"
                >
                  {inDigits(age.count)}
                </a>
              </td>
              <Durations age={age} />
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Durations({ age: { median_since, longest_since, longest_id } }: { readonly age: Age }) {
  const unit = useUnit();
  return (
    <>
      <td className={CELL}>{median_since === null ? <None /> : <Since at={median_since} />}</td>
      <td className={CELL}>
        {longest_since === null ? (
          <None />
        ) : (
          <a
            href={addressOf('requests', { open: String(longest_id), unit })}
            className="hover:underline"
            title={`Request ${longest_id}`}
          >
            <Since at={longest_since} />
            <span className="sr-only">, request {longest_id}</span>
          </a>
        )}
      </td>
    </>
  );
}

function Since({ at }: { readonly at: string }) {
  const now = useNow();
  const ms = now - Date.parse(at);
  return (
    <time title={`Since ${fullTime(at)}`} className="whitespace-nowrap">
      <span className="max-sm:hidden lg:max-xl:hidden">{describeDuration(ms)}</span>
      <span className="sm:max-lg:hidden xl:hidden">{shortDuration(ms)}</span>
    </time>
  );
}
