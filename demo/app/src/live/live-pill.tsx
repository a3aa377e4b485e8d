import { type Freshness, LiveIndicator } from 'dms-live-react';
import { ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { ConnectionDetails } from './connection-details.tsx';
import { PaceControl } from './pace-control.tsx';

/** How the connection is, always in sight; pressed, it shows more. */
export function LivePill({ freshness }: { readonly freshness: Freshness }) {
  return (
    <Popover.Root>
      <Popover.Anchor className="relative flex h-control items-center gap-1.5 rounded-full border border-line bg-raised pr-2.5 pl-3">
        <LiveIndicator
          freshness={freshness}
          className="min-w-25 whitespace-nowrap max-sm:min-w-0 text-ink-soft data-[phase=live]:text-accent data-[phase=offline]:text-danger data-[phase=reconnecting]:text-tone-rust data-[phase=signed-out]:text-danger data-[phase=stopped]:text-danger data-[freshness=old]:text-tone-rust! data-[freshness=waiting]:text-ink-soft!"
        />
        <Popover.Trigger
          aria-label="Connection details"
          className="grid place-items-center outline-none after:absolute after:-inset-px after:rounded-full focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          <ChevronDown aria-hidden className="size-3.5 text-ink-faint" />
        </Popover.Trigger>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="Connection"
          className="lifted fade-in z-50 w-76 rounded-lg p-4"
        >
          <ConnectionDetails />
          <PaceControl />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
