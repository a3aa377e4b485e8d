import type { Span, Trends } from '../api/figures.ts';
import { inDigits } from '../words/amounts.ts';
import { type Bucket, scaleOf, type TrendScale } from './trend-scale.ts';
import { describeFlow, describeMore } from './trend-words.ts';

/** In pixels. */
const WAITING_HEIGHT = 112;
const MOVED_HEIGHT = 64;
const AXIS_HEIGHT = 20;

const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const WEEKDAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const FULL_DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

interface TrendChartProps {
  /** `undefined`: not known yet; the chart keeps its room. */
  readonly trends: Trends | undefined;
  readonly span: Span;
}

/** How many waited, as a line, above how many were opened and decided, as bars; and the same as a table for those who do not see it. */
export function TrendChart({ trends, span }: TrendChartProps) {
  const scale = trends === undefined || trends.points.length === 0 ? undefined : scaleOf(trends, span);
  return (
    <div style={{ minHeight: WAITING_HEIGHT + MOVED_HEIGHT + AXIS_HEIGHT + 56 }}>
      {trends !== undefined && scale !== undefined && (
        <>
          <div aria-hidden>
            <Legend name="Waiting for approval" tone="amber" />
            <Plot height={WAITING_HEIGHT} most={scale.mostWaiting} ticks={scale.ticks}>
              <Waiting scale={scale} />
              <Hovered buckets={scale.buckets} span={span} />
            </Plot>
            <div className="mt-2 flex gap-4">
              <Legend name="Opened" tone="blue" />
              <Legend name="Decided" tone="teal" />
            </div>
            <Plot height={MOVED_HEIGHT} most={scale.mostMoved} ticks={scale.ticks}>
              {scale.buckets.map((bucket) => (
                <Bars key={bucket.from} bucket={bucket} most={scale.mostMoved} />
              ))}
              <Hovered buckets={scale.buckets} span={span} />
            </Plot>
            <Axis ticks={scale.ticks} span={span} />
          </div>
          <Table trends={trends} buckets={scale.buckets} span={span} />
        </>
      )}
    </div>
  );
}

function Legend({ name, tone }: { readonly name: string; readonly tone: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-ink-soft">
      <span className="size-2 rounded-xs" style={{ background: `var(--tone-${tone})` }} />
      {name}
    </span>
  );
}

interface PlotProps {
  readonly height: number;
  readonly most: number;
  readonly ticks: TrendScale['ticks'];
  readonly children: React.ReactNode;
}

/** Stretched to the width that there is: a unit is a percent of the width, and of the height. */
function Plot({ height, most, ticks, children }: PlotProps) {
  return (
    <div className="relative mt-2.5 pl-11" style={{ height }}>
      <span className="absolute top-0 left-0 w-9 -translate-y-1/2 text-right text-xs text-ink-faint">
        {inDigits(most)}
      </span>
      <span className="absolute bottom-0 left-0 w-9 translate-y-1/2 text-right text-xs text-ink-faint">
        0
      </span>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        className="block size-full overflow-visible"
        focusable="false"
      >
        <title>Requests over time</title>
        {ticks.map(({ x }) => (
          <Line key={x} from={[x, 0]} to={[x, 100]} />
        ))}
        <Line from={[0, 0]} to={[100, 0]} />
        <Line from={[0, 100]} to={[100, 100]} isStrong />
        {children}
      </svg>
    </div>
  );
}

interface LineProps {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly isStrong?: boolean;
}

function Line({ from: [x1, y1], to: [x2, y2], isStrong = false }: LineProps) {
  const stroke = isStrong ? 'var(--line-strong)' : 'var(--line)';
  return <line x1={x1} y1={y1} x2={x2} y2={y2} stroke={stroke} vectorEffect="non-scaling-stroke" />;
}

function Waiting({ scale: { waiting, mostWaiting } }: { readonly scale: TrendScale }) {
  const yOf = (pending: number): number => 100 - (100 * pending) / mostWaiting;
  const line = waiting.map(({ x, pending }) => `${x},${yOf(pending)}`).join(' ');
  const [first, last] = [waiting[0], waiting.at(-1)];
  if (first === undefined || last === undefined) return null;
  const end = `${last.x},${yOf(last.pending)}`;
  return (
    <g>
      <polygon points={`${first.x},100 ${line} ${last.x},100`} fill="var(--tone-amber)" opacity={0.14} />
      <polyline
        points={line}
        fill="none"
        stroke="var(--tone-amber)"
        strokeWidth={2}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {/* A line of no length with round ends is a dot, also where the chart is stretched. */}
      <polyline
        points={`${end} ${end}`}
        stroke="var(--tone-amber)"
        strokeWidth={8}
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </g>
  );
}

/** How much of an hour or day its two bars take. */
const FILLED = 0.7;

function Bars({
  bucket: { left, width, opened, decided },
  most,
}: {
  readonly bucket: Bucket;
  readonly most: number;
}) {
  const bar = (width * FILLED) / 2;
  const x = left + (width - 2 * bar) / 2;
  const heightOf = (count: number): number => (100 * count) / most;
  return (
    <g>
      <rect x={x} y={100 - heightOf(opened)} width={bar} height={heightOf(opened)} fill="var(--tone-blue)" />
      <rect
        x={x + bar}
        y={100 - heightOf(decided)}
        width={bar}
        height={heightOf(decided)}
        fill="var(--tone-teal)"
      />
    </g>
  );
}

/** What the pointer is on says its numbers. */
function Hovered({ buckets, span }: { readonly buckets: readonly Bucket[]; readonly span: Span }) {
  return buckets.map((bucket) => (
    <rect
      key={bucket.from}
      x={bucket.left}
      y={0}
      width={bucket.width}
      height={100}
      className="fill-transparent hover:fill-ink/5"
    >
      <title>
        {`${nameOf(bucket, span)}: ${inDigits(bucket.opened)} opened, ${inDigits(bucket.decided)} decided, ${inDigits(bucket.pending)} waiting at the end`}
      </title>
    </rect>
  ));
}

function Axis({ ticks, span }: { readonly ticks: TrendScale['ticks']; readonly span: Span }) {
  return (
    <div className="relative ml-11 text-xs text-ink-faint" style={{ height: AXIS_HEIGHT }}>
      {ticks.map(({ x, at }) => (
        <span
          key={x}
          className="absolute top-1 whitespace-nowrap"
          style={{ left: `${x}%`, transform: x > 92 ? 'translateX(-100%)' : undefined }}
        >
          {tickOf(at, span)}
        </span>
      ))}
    </div>
  );
}

function tickOf(at: number, span: Span): string {
  if (span === 7) return WEEKDAY.format(at);
  const isMidnight = new Date(at).getHours() === 0;
  return span === 30 || isMidnight ? DAY.format(at) : HOUR.format(at);
}

function nameOf({ from, to }: Bucket, span: Span): string {
  return span === 1 ? `${HOUR.format(from)} to ${HOUR.format(to)}` : FULL_DAY.format(from);
}

interface TableProps {
  readonly trends: Trends;
  readonly buckets: readonly Bucket[];
  readonly span: Span;
}

/** For screen readers. A table is as wide as its cells, so that what hides it has to be around it. */
function Table({ trends, buckets, span }: TableProps) {
  return (
    <div className="sr-only">
      <table>
        <caption>{`Requests over time: ${describeFlow(trends)} ${describeMore(trends, span) ?? ''}`}</caption>
        <thead>
          <tr>
            {['Time', 'Opened', 'Decided', 'Waiting at the end'].map((header) => (
              <th key={header} scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.from}>
              <th scope="row">{nameOf(bucket, span)}</th>
              <td>{bucket.opened}</td>
              <td>{bucket.decided}</td>
              <td>{bucket.pending}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
