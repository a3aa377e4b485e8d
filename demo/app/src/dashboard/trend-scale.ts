import type { Span, Trends } from '../api/figures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One hour or day of a chart. Where it lies is said in percent of the chart's width. */
export interface Bucket {
  readonly from: number;
  /** Unix milliseconds; of the last one: when it will end. */
  readonly to: number;
  readonly opened: number;
  readonly decided: number;
  readonly pending: number;
  readonly left: number;
  readonly width: number;
}

export interface WaitingAt {
  /** In percent of the width. */
  readonly x: number;
  readonly pending: number;
}

export interface TrendScale {
  readonly buckets: readonly Bucket[];
  /** How many waited, from when the DMS knows it until now. */
  readonly waiting: readonly WaitingAt[];
  readonly ticks: readonly { readonly x: number; readonly at: number }[];
  /** The ends of the two vertical scales: round numbers. */
  readonly mostWaiting: number;
  readonly mostMoved: number;
}

/** Where everything of a chart lies, on a real axis of time: a day of 25 hours is wider than others. */
export function scaleOf(
  { points, pending_before, known_since, computed_at }: Trends,
  span: Span,
): TrendScale {
  const step = span === 1 ? HOUR_MS : DAY_MS;
  const starts = points.map(({ at }) => Date.parse(at));
  const start = starts[0] ?? 0;
  const end = (starts.at(-1) ?? 0) + step;
  const xOf = (at: number): number => (100 * (at - start)) / Math.max(1, end - start);
  const buckets = points.map((point, index): Bucket => {
    const [from, to] = [starts[index] ?? start, starts[index + 1] ?? end];
    return { ...point, from, to, left: xOf(from), width: xOf(to) - xOf(from) };
  });
  const now = Math.min(end, Date.parse(computed_at));
  const knownFrom = Math.max(start, known_since === null ? now : Date.parse(known_since));
  const before = buckets.findLast(({ to }) => to <= knownFrom)?.pending ?? pending_before;
  const waiting = [
    { x: xOf(knownFrom), pending: before },
    ...buckets
      .filter(({ to }) => to > knownFrom)
      .map(({ to, pending }) => ({ x: xOf(Math.min(to, now)), pending })),
  ];
  return {
    buckets,
    waiting,
    ticks: ticksOf(buckets, span).map((at) => ({ x: xOf(at), at })),
    mostWaiting: roundUp(Math.max(...waiting.map(({ pending }) => pending))),
    mostMoved: roundUp(Math.max(0, ...buckets.flatMap(({ opened, decided }) => [opened, decided]))),
  };
}

/** The next of 1, 2, 5, 10, 20, 50, …; at least 2, so that one request does not fill a chart. */
export function roundUp(most: number): number {
  let power = 1;
  for (;;) {
    const round = [1, 2, 5].map((factor) => factor * power).find((number) => number >= Math.max(2, most));
    if (round !== undefined) return round;
    power *= 10;
  }
}

/** Hours in steps of six by the clock; or days, each, or one a week. */
function ticksOf(buckets: readonly Bucket[], span: Span): number[] {
  const starts = buckets.map(({ from }) => from);
  if (span === 1) return starts.filter((at) => new Date(at).getHours() % 6 === 0);
  return span === 7 ? starts : starts.filter((_, index) => (starts.length - 1 - index) % 7 === 0);
}
