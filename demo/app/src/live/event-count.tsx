import { CrateUpdatedDocument, RequestUpdatedDocument, useLive } from 'dms-live-react';
import { createContext, type ReactNode, useContext, useState } from 'react';

const EventCount = createContext(0);

/** Counts the changes that come in, on whichever screen. */
export function EventCounter({ children }: { readonly children: ReactNode }) {
  const [count, setCount] = useState(0);
  const counting = { event: () => setCount((before) => before + 1) };
  useLive(RequestUpdatedDocument, {}, counting);
  useLive(CrateUpdatedDocument, {}, counting);
  return <EventCount.Provider value={count}>{children}</EventCount.Provider>;
}

/** How many changes of requests and crates have come in since signing in. */
export function useEventCount(): number {
  return useContext(EventCount);
}
