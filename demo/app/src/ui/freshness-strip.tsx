import type { FreshnessNow } from 'dms-live-react';
import { CloudAlert, WifiOff } from 'lucide-react';
import { describeError } from '../api/http.ts';
import { clockOrDay } from '../words/time.ts';
import { classes } from './classes.ts';
import { usePassedFocus } from './passing-button.tsx';
import { describeWaiting } from './waiting.tsx';

interface FreshnessStripProps {
  readonly freshness: FreshnessNow;
  readonly className?: string;
  /** What of the page it is about, in the plural; left out: its contents, which say themselves why they are not there. */
  readonly what?: string | undefined;
}

type Old = Extract<FreshnessNow, { readonly state: 'old' }>;

/** Says of when the data is, why it is no newer, and what happens next. It stands below the data, so that no row moves for it. */
export function FreshnessStrip({ freshness, className, what }: FreshnessStripProps) {
  const isOld = freshness.state === 'old';
  const isMissing = freshness.state === 'waiting' && freshness.isLong && what !== undefined;
  return (
    <div role="status" className={classes('shrink-0 empty:hidden', className)}>
      {isOld && <Strip {...freshness} words={wordsFor(freshness, what)} />}
      {isMissing && (
        <Strip
          {...freshness}
          words={{ head: describeWaiting(what, freshness), tail: '', action: 'Try now' }}
        />
      )}
    </div>
  );
}

interface StripProps extends Pick<Old, 'why' | 'retry'> {
  readonly words: Words;
}

function Strip({ why, retry, words: { head, tail, action } }: StripProps) {
  const Icon = why === 'offline' ? WifiOff : CloudAlert;
  return (
    <div className="fade-in flex min-h-9 items-center gap-2.5 border-t border-line bg-changed px-5 py-1.5">
      <Icon aria-hidden className="size-4 shrink-0 text-tone-rust" strokeWidth={1.75} />
      <p>
        <span className="font-medium">{head}</span> {tail}
      </p>
      {action !== undefined && <StripButton onClick={retry}>{action}</StripButton>}
    </div>
  );
}

function StripButton({ onClick, children }: { readonly onClick: () => void; readonly children: string }) {
  return (
    <button
      ref={usePassedFocus()}
      type="button"
      onClick={onClick}
      className="h-6 shrink-0 rounded-md px-1.5 font-medium text-accent underline-offset-2 hover:underline"
    >
      {children}
    </button>
  );
}

interface Words {
  readonly head: string;
  readonly tail: string;
  readonly action?: string;
}

function wordsFor(old: Old, what: string | undefined): Words {
  const { head, ...rest } = reasonWords(old);
  const whose = what === undefined || old.why !== 'failed' ? head : `${what} are not up to date`;
  return { head: `${whose}: as of ${clockOrDay(old.asOf)}.`, ...rest };
}

function reasonWords({ why, error, refusal }: Old): Words {
  switch (why) {
    case 'offline':
      return { head: 'You are offline', tail: 'It catches up as soon as you are back.' };
    case 'disconnected':
      return { head: 'Disconnected', tail: '', action: 'Connect again' };
    case 'signed-out':
      return { head: 'Your session is over', tail: '' };
    case 'stopped':
      return { head: 'The server refuses the connection', tail: '', action: 'Try now' };
    case 'not-live':
      return { head: 'Not live', tail: refusal?.message ?? '', action: 'Refresh' };
    case 'reconnecting':
      return { head: 'No connection', tail: 'Reconnecting…', action: 'Try now' };
    case 'failed':
      return {
        head: 'Not up to date',
        tail: `${error == null ? '' : describeError(error)} Trying again…`,
        action: 'Try now',
      };
    case 'slow':
      return { head: 'Not up to date', tail: 'The server is slow.', action: 'Try now' };
  }
}
