import type { Tone } from '../ui/badge.tsx';
import { inDigits } from '../words/amounts.ts';
import { Panel } from './panel.tsx';

export interface Count {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
  /** The rows that it counts. */
  readonly href: string;
}

interface CountBarsProps {
  readonly title: string;
  /** `undefined` or `null`: not known. */
  readonly counts: readonly Count[] | null | undefined;
  /** How many bars stand in for those that are on their way. */
  readonly usual: number;
}

/** In pixels. */
const ROW = 30;

/** Bars with their numbers. Each opens what it counts. */
export function CountBars({ title, counts, usual }: CountBarsProps) {
  const most = Math.max(1, ...(counts ?? []).map(({ count }) => count));
  return (
    <Panel title={title}>
      <ul style={{ minHeight: ROW * usual }}>
        {counts?.map(({ name, count, tone, href }) => (
          <li key={name} style={{ height: ROW }}>
            <a
              href={href}
              className="grid h-full grid-cols-[5.5rem_1fr_auto] items-center gap-2 px-4 -outline-offset-2 hover:bg-raised"
            >
              <span className="truncate text-ink-soft">{name}</span>
              <span aria-hidden className="h-4">
                <span
                  className="block h-full rounded-r-xs"
                  style={{
                    width: count === 0 ? 0 : `max(1px, ${(100 * count) / most}%)`,
                    background: `var(--tone-${tone})`,
                  }}
                />
              </span>
              <span data-figure className="min-w-[3ch] text-right">
                {inDigits(count)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
