export interface PageListeners {
  /** The browser is back online. */
  online(): void;
  /**
   * The network is gone, or the page is about to stand still: the tab is frozen, or the page goes into the back/forward cache.
   * Sockets that are open then are found broken later, or keep the page out of that cache.
   */
  gone(): void;
  /** The tab has become visible, or the page runs again. */
  back(): void;
}

/** Whether the browser says it has a network; where there is no browser, there is one. */
export function isOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false;
}

/** Listens to what the browser reports of the network and of the page. Returns how to stop. */
export function watchPage({ online, gone, back }: PageListeners): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
  const changed = (): void => {
    if (document.visibilityState === 'visible') back();
  };
  const stops = [
    listen(window, { online, offline: gone, pagehide: gone, pageshow: back }),
    listen(document, { freeze: gone, resume: back, visibilitychange: changed }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Adds listeners, which also see what others stop. Returns how to remove them. */
export function listen(
  target: EventTarget,
  listeners: Readonly<Record<string, (event: Event) => void>>,
): () => void {
  const entries = Object.entries(listeners);
  for (const [name, listener] of entries) target.addEventListener(name, listener, LISTENING);
  return () => {
    for (const [name, listener] of entries) target.removeEventListener(name, listener, LISTENING);
  };
}

const LISTENING = { capture: true, passive: true };
