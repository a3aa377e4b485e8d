import { type FreshnessNow, type LiveQueries, type QueryToJudge, useFreshness } from 'dms-live-react';
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { InboxBell } from '../inbox/inbox-bell.tsx';
import { LivePill } from '../live/live-pill.tsx';
import { classes } from '../ui/classes.ts';
import { FreshnessStrip } from '../ui/freshness-strip.tsx';
import { PillSlot, PillSlotProvider } from '../ui/pill-slot.tsx';
import { UnitSelect } from './unit-select.tsx';

interface Part {
  readonly name: string;
  readonly freshness: FreshnessNow;
}

interface ScreenFrameProps {
  readonly title: string;
  /** How much there is, beside the title. */
  readonly count?: string | undefined;
  /** What the screen shows. */
  readonly queries: readonly QueryToJudge[];
  /** What keeps it up to date. */
  readonly live: readonly LiveQueries[];
  /** Something beside the contents, such as the numbers on the tabs: what it is called, and how new it is. */
  readonly part?: Part;
  /** Filters and buttons above the contents. */
  readonly toolbar?: ReactNode;
  /** A sheet at the right, over the contents. */
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its title and the connection above, its contents scrolling beneath, and below them how old they are. */
export function ScreenFrame({
  title,
  count,
  queries,
  live,
  part,
  toolbar,
  side,
  children,
}: ScreenFrameProps) {
  const contents = useFreshness(queries, live);
  // A fetch for a part that fails makes the whole kind old. Where that of the contents has not failed, only the part is meant.
  const isWell =
    !isAmiss(contents) || (isFailed(contents) && queries.every(({ status }) => status !== 'error'));
  const isPart = part !== undefined && isAmiss(part.freshness) && isWell;
  const freshness = isPart ? part.freshness : contents;
  return (
    <PillSlotProvider>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-surface px-5 max-sm:px-3 max-sm:py-2">
        <div className="flex min-w-0 flex-1 items-center gap-3">
          <h1 className="text-base font-semibold">{title}</h1>
          <span className="min-w-0 truncate text-ink-faint max-sm:has-[+span_button]:hidden" title={count}>
            {count}
          </span>
          <PillSlot />
          <Updating freshness={contents} />
        </div>
        <div className="flex items-center gap-3 max-sm:contents print:hidden">
          <UnitSelect />
          <InboxBell />
          <LivePill freshness={freshness} />
        </div>
      </header>
      <main className="relative flex min-h-0 flex-1 flex-col overflow-x-clip print:block">
        {toolbar !== undefined && (
          <div className="flex shrink-0 flex-wrap items-center gap-2 px-5 pt-4 max-sm:px-3 max-sm:pt-3">
            {toolbar}
          </div>
        )}
        <div className="flex min-h-0 flex-1 sm:tall:relative print:block">
          <section
            aria-label={title}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard, whatever is in it
            tabIndex={0}
            className="relative min-w-0 flex-1 overflow-y-auto px-5 pt-4 pb-8 -outline-offset-2 max-sm:px-3 print:overflow-visible"
          >
            {children}
          </section>
          {side}
        </div>
        <FreshnessStrip freshness={freshness} what={isPart ? part.name : undefined} />
      </main>
    </PillSlotProvider>
  );
}

const isFailed = (freshness: FreshnessNow): boolean =>
  freshness.state === 'old' && freshness.why === 'failed';

/** It is old, or cannot be had. What the REST API refuses is not for this user. */
function isAmiss(freshness: FreshnessNow): boolean {
  return freshness.state === 'old' || (freshness.state === 'waiting' && freshness.isLong);
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
