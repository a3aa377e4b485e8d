import { CrateUpdatedDocument, RequestUpdatedDocument, useLive } from 'dms-live-react';
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';

/** A count that is no value of a context: for each new one React would look for its readers in all rows of the page. */
function createCount() {
  const listeners = new Set<() => void>();
  let count = 0;
  return {
    get: () => count,
    add(): void {
      count += 1;
      for (const listener of [...listeners]) listener();
    },
    watch(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const EventCount = createContext(createCount());

/** Counts the changes that come in, on whichever screen. */
export function EventCounter({ children }: { readonly children: ReactNode }) {
  const [count] = useState(createCount);
  const counting = { event: count.add };
  useLive(RequestUpdatedDocument, {}, counting);
  useLive(CrateUpdatedDocument, {}, counting);
  return <EventCount.Provider value={count}>{children}</EventCount.Provider>;
}

/** How many changes of requests and crates have come in since signing in. */
export function useEventCount(): number {
  const { watch, get } = useContext(EventCount);
  return useSyncExternalStore(watch, get);
}
