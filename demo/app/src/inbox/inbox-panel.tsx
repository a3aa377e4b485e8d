import type { Inbox, InboxEntry } from 'dms-live-react';
import { Inbox as InboxIcon } from 'lucide-react';
import { addressOf, go } from '../place/place.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Notice } from '../ui/notice.tsx';
import { fullTime, shortTime } from '../words/time.ts';
import { describeEntry, groupEntries, titleOf } from './inbox-words.ts';

interface InboxPanelProps {
  readonly inbox: Inbox;
  /** An entry was opened. */
  readonly onOpened: () => void;
}

export function InboxPanel({ inbox, onOpened }: InboxPanelProps) {
  const { entries, unread, isLoading, knownFrom, more, markRead, markAllRead } = inbox;

  function open(entry: InboxEntry): void {
    markRead(entry);
    go(addressOf('requests', { open: entry.requestId }));
    onOpened();
  }

  return (
    <>
      <header className="flex h-11 shrink-0 items-center border-b border-line pr-2 pl-4">
        <h2 className="font-semibold">Inbox</h2>
        <Button look="quiet" className="ml-auto" disabled={unread === 0} onClick={markAllRead}>
          Mark all read
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto pb-2">
        {entries.length === 0 && (
          <Notice icon={InboxIcon} title={isLoading ? 'Looking what happened…' : 'Nothing new'}>
            {!isLoading && 'What colleagues do to requests of your unit shows here.'}
          </Notice>
        )}
        {groupEntries(entries, new Date()).map(({ title, entries: ofGroup }) => (
          <section key={title} aria-label={title}>
            <h3 className="px-4 pt-3 pb-1 text-xs text-ink-faint">{title}</h3>
            <ul>
              {ofGroup.map((entry) => (
                <li key={entry.key}>
                  <EntryLine entry={entry} onOpen={() => open(entry)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {(more > 0 || knownFrom !== undefined) && entries.length > 0 && (
          <p className="px-4 pt-3 text-xs text-ink-faint">
            {more > 0 && `And ${more} more. `}
            {knownFrom !== undefined && `Since ${fullTime(new Date(knownFrom).toISOString())}`}
          </p>
        )}
      </div>
    </>
  );
}

interface EntryLineProps {
  readonly entry: InboxEntry;
  readonly onOpen: () => void;
}

function EntryLine({ entry, onOpen }: EntryLineProps) {
  const at = new Date(entry.lastAt).toISOString();
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex w-full items-baseline gap-2.5 px-4 py-1.5 text-left -outline-offset-2 hover:bg-raised"
    >
      <span
        aria-hidden
        className={classes('size-2 shrink-0 self-center rounded-full', !entry.isRead && 'bg-accent')}
      />
      <span className="min-w-0 flex-1">
        <span className={classes('block truncate', !entry.isRead && 'font-medium')}>
          {titleOf(entry)}
          {!entry.isRead && <span className="sr-only">, unread</span>}
        </span>
        <span className="block truncate text-xs text-ink-soft" title={describeEntry(entry)}>
          {describeEntry(entry)}
        </span>
      </span>
      <time dateTime={at} title={fullTime(at)} className="text-xs text-ink-faint tabular-nums">
        {shortTime(at)}
      </time>
    </button>
  );
}
