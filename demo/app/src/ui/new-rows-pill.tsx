import { ArrowUp } from 'lucide-react';
import { InPillSlot } from './pill-slot.tsx';

interface NewRowsPillProps {
  /** How many rows wait. */
  readonly waiting: number;
  readonly onShow: () => void;
}

/**
 * Shows the rows that wait because somebody reads the list. Screen readers announce once that some wait, and not each of them: the
 * number is in the name of the button.
 */
export function NewRowsPill({ waiting, onShow }: NewRowsPillProps) {
  return (
    <InPillSlot>
      <span role="status" className="sr-only">
        {waiting > 0 && 'New rows wait'}
      </span>
      {waiting > 0 && (
        <button
          type="button"
          onClick={onShow}
          title="Show them now. They also appear once you leave the list."
          className="fade-in inline-flex h-6 items-center gap-1 rounded-full bg-fill px-2.5 text-xs font-medium whitespace-nowrap text-white hover:bg-fill-hover"
        >
          <ArrowUp aria-hidden className="size-3" />
          {waiting} new
        </button>
      )}
    </InPillSlot>
  );
}
