import { type LiveQueries, type QueryToJudge, useFreshness } from 'dms-live-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { Failure } from './failure.tsx';
import { FreshnessStrip } from './freshness-strip.tsx';
import { Waiting } from './waiting.tsx';

interface LoadedProps {
  readonly query: QueryToJudge;
  /** What keeps it live. Where the frame of a screen does not say how old it is, it is said below. */
  readonly live?: readonly LiveQueries[];
  /** What is there, or the room it will take. */
  readonly children: ReactNode;
}

/** Shows what a query got, or why it got nothing. What is there stays if a refetch fails. What the DMS refuses goes. */
export function Loaded({ query, live, children }: LoadedProps) {
  const freshness = useFreshness(query, live);
  if (freshness.state === 'refused') return <Failure error={freshness.error} />;
  if (freshness.state === 'waiting' && freshness.isLong) return <Waiting freshness={freshness} />;
  // While other filters are on their way, the rows of the last ones are there.
  const isOfAnother = freshness.state === 'waiting' && query.data !== undefined;
  return (
    <>
      <div
        aria-busy={isOfAnother}
        className={classes('transition-opacity', isOfAnother && 'opacity-45 delay-200')}
      >
        {children}
      </div>
      {live !== undefined && (
        <FreshnessStrip freshness={freshness} className="sticky -bottom-4 z-1 -mx-5 mt-4 -mb-4" />
      )}
    </>
  );
}
