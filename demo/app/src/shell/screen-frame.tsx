import { type FreshnessNow, type LiveQueries, type QueryToJudge, useFreshness } from 'dms-live-react';
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { LivePill } from '../live/live-pill.tsx';
import { classes } from '../ui/classes.ts';
import { FreshnessStrip } from '../ui/freshness-strip.tsx';
import { PillSlot, PillSlotProvider } from '../ui/pill-slot.tsx';
import { UnitSelect } from './unit-select.tsx';

interface ScreenFrameProps {
  readonly title: string;
  /** How much there is, beside the title. */
  readonly count?: string | undefined;
  /** What the screen shows. */
  readonly queries: readonly QueryToJudge[];
  /** What keeps it up to date. */
  readonly live: readonly LiveQueries[];
  /** Filters and buttons above the contents. */
  readonly toolbar?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its title and the connection above, its contents scrolling beneath, and below them how old they are. */
export function ScreenFrame({ title, count, queries, live, toolbar, children }: ScreenFrameProps) {
  const freshness = useFreshness(queries, live);
  return (
    <PillSlotProvider>
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-5 sm:gap-3">
        <h1 className="text-base font-semibold">{title}</h1>
        <span className="min-w-0 truncate text-ink-faint">{count}</span>
        <PillSlot />
        <Updating freshness={freshness} />
        <div className="ml-auto flex items-center gap-3">
          <UnitSelect />
          <LivePill freshness={freshness} />
        </div>
      </header>
      <main className="flex min-h-0 flex-1 flex-col">
        {toolbar !== undefined && (
          <div className="flex shrink-0 flex-wrap items-center gap-2 px-5 pt-4">{toolbar}</div>
        )}
        <section
          aria-label={title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard, whatever is in it
          tabIndex={0}
          className="relative min-h-0 flex-1 overflow-y-auto px-5 pt-4 pb-8 -outline-offset-2"
        >
          {children}
        </section>
        <FreshnessStrip freshness={freshness} />
      </main>
    </PillSlotProvider>
  );
}

/** A small sign that the screen is being brought up to date. It takes its room also while there is nothing to say. */
function Updating({ freshness }: { readonly freshness: FreshnessNow }) {
  const isUpdating = freshness.state === 'updating';
  return (
    <span
      className={classes(
        'inline-flex shrink-0 items-center gap-1.5 text-xs text-ink-faint transition-[visibility] duration-0',
        !isUpdating && 'invisible delay-300',
      )}
      aria-hidden={!isUpdating}
    >
      <LoaderCircle aria-hidden className={classes('size-3.5', isUpdating && 'motion-safe:animate-spin')} />
      <span className="max-lg:sr-only">Updating…</span>
    </span>
  );
}
