import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';

interface Slot {
  readonly element: HTMLElement | null;
  readonly setElement: (element: HTMLElement | null) => void;
}

const SlotContext = createContext<Slot>({ element: null, setElement: () => undefined });

/** Around a list and the heading that has room for its pill. */
export function PillSlotProvider({ children }: { readonly children: ReactNode }) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  // A new value would have React look for its readers in all rows of the list.
  const slot = useMemo(() => ({ element, setElement }), [element]);
  return <SlotContext.Provider value={slot}>{children}</SlotContext.Provider>;
}

/** Where the pill of a list stands: in its heading, where it covers no row and moves none. */
export function PillSlot() {
  const { setElement } = useContext(SlotContext);
  return <span ref={setElement} className="inline-flex shrink-0 items-center empty:hidden" />;
}

/** Puts a pill into the heading. */
export function InPillSlot({ children }: { readonly children: ReactNode }) {
  const { element } = useContext(SlotContext);
  return element === null ? null : createPortal(children, element);
}
