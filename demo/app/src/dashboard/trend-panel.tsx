import { SPANS, type Span, type Trends } from '../api/figures.ts';
import { classes } from '../ui/classes.ts';
import { fullTime } from '../words/time.ts';
import { TrendChart } from './trend-chart.tsx';
import { describeFlow, describeMore } from './trend-words.ts';

const NAMES: Readonly<Record<Span, string>> = { 1: '24 hours', 7: '7 days', 30: '30 days' };
const DAY_MS = 86_400_000;

interface TrendPanelProps {
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  readonly trends: Trends | undefined;
  /** `null`: the DMS knows nothing yet. */
  readonly knownSince: string | null | undefined;
  /** Why the trends are not there; empty if there is nothing to say. */
  readonly waiting: string;
}

/** How requests come and go, and whether more of them wait than before. */
export function TrendPanel({ span, onSpan, trends, knownSince, waiting }: TrendPanelProps) {
  const knownDays = knownSince == null ? 0 : (Date.now() - Date.parse(knownSince)) / DAY_MS;
  const more = trends && describeMore(trends, span, 'wait for approval');
  return (
    <section
      aria-label="Requests over time"
      className="rounded-lg border border-line bg-surface px-4 pt-3 pb-3"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="font-semibold">Requests over time</h2>
        <Spans span={span} onSpan={onSpan} knownDays={knownDays} />
      </div>
      <p className="mt-1 min-h-5 text-ink-soft">
        {trends && `${describeFlow(trends)} `}
        {more !== undefined && `${more}.`}
        {trends && more === undefined && trends.known_since !== null && (
          <>The records begin on {fullTime(trends.known_since)}.</>
        )}
        {trends === undefined && waiting}
      </p>
      <TrendChart trends={trends} span={span} />
    </section>
  );
}

interface SpansProps extends Pick<TrendPanelProps, 'span' | 'onSpan'> {
  readonly knownDays: number;
}

/** A longer time is offered where the DMS knows more than the shorter one. */
function Spans({ span, onSpan, knownDays }: SpansProps) {
  const offered = SPANS.filter((_, index) => index === 0 || knownDays > (SPANS[index - 1] ?? 0));
  if (offered.length < 2) return <span className="ml-auto text-xs text-ink-faint">Last {NAMES[span]}</span>;
  return (
    <fieldset className="ml-auto inline-flex h-7 items-stretch rounded-md border border-line p-0.5">
      <legend className="sr-only">Time</legend>
      {offered.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === span}
          onClick={() => onSpan(one)}
          className={classes(
            'rounded-sm px-2 text-xs whitespace-nowrap',
            one === span ? 'bg-accent-soft text-accent' : 'text-ink-soft hover:text-ink',
          )}
        >
          {NAMES[one]}
        </button>
      ))}
    </fieldset>
  );
}
