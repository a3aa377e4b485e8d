/** A page that nobody sees counts as seen for this long, in milliseconds: its user may be back at once. */
const HIDDEN_MS = 5000;

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
  if (document.visibilityState === 'visible') set(true);
  else hiding = setTimeout(set, HIDDEN_MS, false);
}

/** Calls back when the page is seen, or is no longer. Returns how to stop. */
export function onSeen(listener: () => void): () => void {
  if (listeners.size === 0) {
    document.addEventListener('visibilitychange', look);
    look();
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    document.removeEventListener('visibilitychange', look);
    clearTimeout(hiding);
    isSeen = true;
  };
}

/** Whether the user sees the page, or has just looked away. */
export const isPageSeen = (): boolean => isSeen;
