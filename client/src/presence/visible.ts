/** Whether the user sees the page, or has looked away a moment ago. */
export interface Seen {
  /** Calls back when that changes. Returns how to stop. */
  on(listener: () => void): () => void;
  is(): boolean;
}

const isVisible = (): boolean => document.visibilityState === 'visible';

/**
 * @param ms how long a page that nobody sees counts as seen, in milliseconds: its user may be back at once. What is new on a page that
 * is hidden already, as in a tab that was opened in the background, is not seen.
 */
export function createSeen(ms: number): Seen {
  let isSeen = true;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function set(next: boolean): void {
    if (next === isSeen) return;
    isSeen = next;
    for (const listener of [...listeners]) listener();
  }

  function look(): void {
    clearTimeout(hiding);
    if (isVisible()) set(true);
    else hiding = setTimeout(() => set(isVisible()), ms); // it may be back from the back/forward cache, where no time passes
  }

  return {
    on(listener) {
      if (listeners.size === 0) {
        document.addEventListener('visibilitychange', look);
        isSeen = isVisible();
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        document.removeEventListener('visibilitychange', look);
        clearTimeout(hiding);
      };
    },
    is: () => (listeners.size === 0 ? isVisible() : isSeen),
  };
}

/** By what users do: who looks elsewhere does not look, and who is about to act may look something up meanwhile. */
export const SEEN = { LOOKING: createSeen(30_000), ACTING: createSeen(300_000) } as const;
