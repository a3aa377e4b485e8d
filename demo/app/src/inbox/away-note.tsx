import type { WhileAwayNow } from 'dms-live-react';
import { X } from 'lucide-react';
import { usePassedFocus } from '../ui/passing-button.tsx';
import { fullTime } from '../words/time.ts';
import { describeAway } from './inbox-words.ts';

interface AwayNoteProps {
  readonly away: WhileAwayNow;
  readonly onOpen: () => void;
}

/** After an absence, one line that opens the inbox: beside the bell, and on narrow pages at the bottom, where it covers no button. */
export function AwayNote({ away, onOpen }: AwayNoteProps) {
  return (
    <div
      role="status"
      className="fade-in flex items-center rounded-md border border-line bg-surface whitespace-nowrap max-lg:fixed max-lg:right-2 max-lg:bottom-3 max-sm:bottom-17 max-lg:z-40 max-lg:shadow-sm"
    >
      <button
        type="button"
        onClick={onOpen}
        title={`Since ${fullTime(new Date(away.since).toISOString())}`}
        className="h-8 rounded-l-md pr-2 pl-3 hover:bg-raised"
      >
        {describeAway(away)}
      </button>
      <button
        ref={usePassedFocus()}
        type="button"
        aria-label="Dismiss"
        onClick={away.dismiss}
        className="grid size-8 place-items-center rounded-r-md text-ink-faint hover:bg-raised hover:text-ink"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </div>
  );
}
