import { useRequestNotifications, useSendBackNotifications } from 'dms-live-react';
import { Check } from 'lucide-react';
import { useEffect } from 'react';
import { Toaster, toast } from 'sonner';
import { addressOf, go } from '../place/place.ts';
import { describeMe, useMe } from '../session/me.tsx';
import { useSession } from '../session/session.ts';
import { ActionIcon } from '../ui/action-icon.tsx';
import { useShort, useWide } from '../ui/narrow.ts';
import { describeChange } from '../words/activity.ts';
import { isSame } from '../words/things.ts';

/** What one must not miss. */
const STAYS_MS = 15_000;
const TOAST_OFFSET = { top: 5 };

/** Notifies users of what concerns them: their request was sent back, or has come a step further. */
export function Toasts() {
  const me = useMe();
  const isWide = useWide();
  const isShort = useShort();
  useRoleNews();

  useSendBackNotifications(({ actor, sendBack }) => {
    const id = String(sendBack.requestId ?? sendBack.request?.id);
    toast(`Request ${id} was sent back to you`, {
      id: `send-back-${sendBack.id}`,
      description: `${actor?.name ?? 'The system'}: ${sendBack.reason ?? 'no reason given'}`,
      duration: STAYS_MS,
      icon: <ActionIcon action="SENT_BACK" />,
      action: { label: 'Open', onClick: () => openRequest(id) },
    });
  });

  useRequestNotifications(
    ({ action, actor, request }) => {
      if (!isSame(request.createdBy?.id, me.id)) return;
      toast(`Your request ${request.id}`, {
        description: describeChange({ action, actor }),
        id: `request-${request.id}`,
        icon: <ActionIcon action={action} />,
        action: { label: 'Open', onClick: () => openRequest(request.id) },
      });
    },
    { actions: ['APPROVED', 'REJECTED', 'STORAGE_ALLOCATED', 'ISSUED', 'RETURNED', 'COMPLETED'] },
  );

  return (
    <Toaster
      // A wide header has room for them between the title and the connection. Elsewhere they would cover the bell: so they stand
      // above what is at the bottom of the page. Where the page is so short that a dialog fills it, its buttons are there, and at
      // the top only its title. In all these places they cover no button of a dialog.
      position={isWide ? 'top-center' : isShort ? 'top-left' : 'bottom-left'}
      offset={TOAST_OFFSET}
      mobileOffset={TOAST_OFFSET}
      className={
        isWide ? '' : `left-17! lg:left-51! max-sm:left-4! ${isShort ? '' : 'bottom-12! max-sm:bottom-27!'}`
      }
      visibleToasts={1}
      icons={{ success: <Check aria-hidden className="size-4 text-accent" /> }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'lifted pointer-events-auto flex w-full sm:w-92 items-center gap-3 rounded-lg px-3 py-1.5 text-[13px] font-sans',
          title: 'font-medium',
          description: 'text-ink-soft line-clamp-1',
          content: 'min-w-0 flex-1',
          icon: 'shrink-0',
          actionButton:
            'h-7 shrink-0 rounded-md border border-line px-2.5 font-medium text-accent hover:bg-raised',
        },
      }}
    />
  );
}

/** Says why the page has begun again. */
function useRoleNews(): void {
  const session = useSession();
  const { me, before } = session.phase === 'signed-in' ? session : {};
  useEffect(() => {
    if (me === undefined || before === undefined) return;
    const [now, until] = [describeMe(me), describeMe(before)];
    if (now !== until)
      toast(`You are now ${now}`, { id: 'role', description: `Before: ${until}`, duration: STAYS_MS });
  }, [me, before]);
}

function openRequest(id: string): void {
  go(addressOf('requests', { open: id }));
}
