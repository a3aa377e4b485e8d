import type { Span, Trends } from '../api/figures.ts';
import { inDigits } from '../words/amounts.ts';

const AGO: Readonly<Record<Span, string>> = {
  1: '24 hours ago',
  7: 'a week ago',
  30: 'a month ago',
};

/**
 * `3 more wait than 24 hours ago`; `undefined` where the DMS does not know that time.
 * @param verb may be left out, where it is clear what is meant.
 */
export function describeMore(
  { pending_before, points, known_since }: Trends,
  span: Span,
  verb = '',
): string | undefined {
  const first = points[0];
  if (first === undefined || known_since === null || Date.parse(known_since) > Date.parse(first.at))
    return undefined;
  const more = (points.at(-1)?.pending ?? 0) - pending_before;
  const words = verb === '' ? '' : ` ${verb}`;
  if (more === 0) return `As many${words} as ${AGO[span]}`;
  return `${inDigits(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'}${words} than ${AGO[span]}`;
}

/** `18 opened, 15 decided.` */
export function describeFlow({ points }: Trends): string {
  const sum = (name: 'opened' | 'decided'): string =>
    inDigits(points.reduce((all, point) => all + point[name], 0));
  return `${sum('opened')} opened, ${sum('decided')} decided.`;
}
