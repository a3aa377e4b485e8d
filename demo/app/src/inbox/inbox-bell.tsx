import { useInbox, useWhileAway } from 'dms-live-react';
import { Bell } from 'lucide-react';
import { Popover } from 'radix-ui';
import { memo, useState } from 'react';
import { AwayNote } from './away-note.tsx';
import { InboxPanel } from './inbox-panel.tsx';

/** More than this is not counted out. */
const MOST_COUNTED = 99;

/** What is new, by number; pressed, it shows what. */
export const InboxBell = memo(function InboxBell() {
  const inbox = useInbox();
  const away = useWhileAway();
  const [isOpen, setOpen] = useState(false);
  const { unread } = inbox;

  function open(next: boolean): void {
    setOpen(next);
    if (next) away?.dismiss();
  }

  return (
    <Popover.Root open={isOpen} onOpenChange={open}>
      {away !== undefined && !isOpen && <AwayNote away={away} onOpen={() => open(true)} />}
      <Popover.Anchor className="relative">
        <Popover.Trigger
          aria-label={unread === 0 ? 'Inbox' : `Inbox, ${unread} unread`}
          title="Inbox"
          className="grid size-8 place-items-center rounded-md text-ink-soft hover:bg-raised hover:text-ink"
        >
          <Bell aria-hidden className="size-4" strokeWidth={1.75} />
          {unread > 0 && (
            <span
              aria-hidden
              className="absolute -top-1 -right-1 min-w-4.5 rounded-full bg-fill px-1 text-center text-[11px] leading-4.5 font-medium text-white tabular-nums"
            >
              {unread > MOST_COUNTED ? `${MOST_COUNTED}+` : unread}
            </span>
          )}
        </Popover.Trigger>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Inbox"
          className="lifted fade-in z-50 flex max-h-[min(34rem,var(--radix-popover-content-available-height))] w-96 max-w-[calc(100vw-1rem)] flex-col rounded-lg"
        >
          <InboxPanel inbox={inbox} onOpened={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
});
