import { useRequestNotifications, useSendBackNotifications } from 'dms-live-react';
import { Toaster, toast } from 'sonner';
import { addressOf, go } from '../place/place.ts';
import { useMe } from '../session/me.tsx';
import { describeChange } from '../words/activity.ts';
import { isSame } from '../words/things.ts';

const SEND_BACK_STAYS_MS = 15_000;

/** Notifies users of what concerns them: their request was sent back, or has come a step further. */
export function Toasts() {
  const me = useMe();

  useSendBackNotifications(({ actor, sendBack }) => {
    const id = String(sendBack.requestId ?? sendBack.request?.id);
    toast.warning(`Request ${id} was sent back to you`, {
      id: `send-back-${sendBack.id}`,
      description: `${actor?.name ?? 'The system'}: ${sendBack.reason ?? 'no reason given'}`,
      duration: SEND_BACK_STAYS_MS,
      action: { label: 'Open', onClick: () => openRequest(id) },
    });
  });

  useRequestNotifications(
    ({ action, actor, request }) => {
      if (!isSame(request.createdBy?.id, me.id)) return;
      toast(`Your request ${request.id}`, {
        description: describeChange({ action, actor }),
        id: `request-${request.id}`,
        action: { label: 'Open', onClick: () => openRequest(request.id) },
      });
    },
    { actions: ['APPROVED', 'REJECTED', 'STORAGE_ALLOCATED', 'ISSUED', 'RETURNED', 'COMPLETED'] },
  );

  return (
    <Toaster
      position="bottom-right"
      expand
      visibleToasts={3}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'lifted pointer-events-auto flex w-92 items-center gap-3 rounded-lg px-4 py-3 text-[13px] font-sans',
          title: 'font-medium',
          description: 'text-ink-soft line-clamp-2',
          content: 'min-w-0 flex-1',
          icon: 'shrink-0 text-ink-faint [&_svg]:size-4',
          actionButton:
            'h-7 shrink-0 rounded-md border border-line px-2.5 font-medium text-accent hover:bg-raised',
        },
      }}
    />
  );
}

function openRequest(id: string): void {
  go(addressOf('requests', { open: id }));
}
