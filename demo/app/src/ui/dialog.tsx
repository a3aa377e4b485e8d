import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { usePlace } from '../place/place.ts';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';

interface DialogProps {
  readonly title: string;
  /** Said under the title. */
  readonly description?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question in the middle of the page: nothing else can be done until it is answered. Open as long as it is rendered. */
export function Dialog(props: DialogProps) {
  useCloseElsewhere(props.onClose);
  return (
    <Frame
      {...props}
      isModal
      className="fade-in top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-lg"
    />
  );
}

/**
 * A panel at the right of a screen's contents (the `side` of its frame). What is beside and above it stays usable: the filters, the
 * connection. On a phone, and where the page is short, it covers the filters too. Open as long as it is rendered.
 */
export function Sheet(props: DialogProps) {
  return (
    <Frame
      {...props}
      isModal={false}
      className="slide-in absolute top-0 right-0 bottom-0 w-full border-r-0 border-b-0 sm:top-3 sm:w-md sm:rounded-tl-lg print:static print:w-auto"
    />
  );
}

/** A question belongs to what was open when it was asked: it goes when a notice, or the browser's Back, opens something else. */
function useCloseElsewhere(onClose: () => void): void {
  const { screen, param } = usePlace();
  const place = `${screen} ${param('open')}`;
  const [asked] = useState(place);
  useEffect(() => {
    if (place !== asked) onClose();
  });
}

/** What is asked for gets the focus; where nothing is, the dialog itself, so that it is read. */
function focusFirst(dialog: EventTarget | null): void {
  if (!(dialog instanceof HTMLElement)) return;
  const field = dialog.querySelector('input, select, textarea');
  (field instanceof HTMLElement ? field : dialog).focus();
}

/** What opened a dialog gets the focus back; if that is gone, as a button may be after its deed, the panel or the screen it was in. */
function focusAgain(opener: Element | null): void {
  const place = () => document.querySelector('[role="dialog"]') ?? document.querySelector('main section');
  const target = opener?.isConnected ? opener : place();
  if (target instanceof HTMLElement) target.focus();
}

/** Radix scrolls nowhere when it passes the focus on from the last to the first, and browsers are content with a part of a field. */
function showFocused(): void {
  document.activeElement?.scrollIntoView({ block: 'nearest' });
}

interface FrameProps extends DialogProps {
  readonly isModal: boolean;
  readonly className: string;
}

function Frame({ title, description, onClose, children, isModal, className }: FrameProps) {
  const [opener] = useState(() => document.activeElement);
  const Place = isModal ? Radix.Portal : Fragment;
  return (
    <Radix.Root open modal={isModal} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Place>
        {isModal && <Radix.Overlay className="fade-in fixed inset-0 z-30 bg-veil" />}
        <Radix.Content
          className={classes('lifted flex flex-col outline-none', isModal ? 'fixed z-40' : 'z-20', className)}
          {...(description === undefined && { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            focusFirst(event.currentTarget);
          }}
          onInteractOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusAgain(opener);
          }}
          onKeyUp={({ key }) => key === 'Tab' && showFocused()}
        >
          <div className="flex items-start gap-4 border-b border-line px-5 py-3.5">
            <div className="min-w-0 flex-1">
              <Radix.Title className="truncate text-base font-semibold">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description asChild>
                  <div className="text-ink-soft">{description}</div>
                </Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-my-1 -mr-2">
                <X aria-hidden className="size-4" />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4 has-[>form]:pb-0 not-tiny:has-[>form]:scroll-pb-52">
            {children}
          </div>
        </Radix.Content>
      </Place>
    </Radix.Root>
  );
}
