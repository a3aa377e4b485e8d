export interface PageListeners {
  /** The browser is back online. */
  online(): void;
  offline(): void;
  /** The tab has become visible. */
  visible(): void;
}

/** Whether the browser says it has a network; where there is no browser, there is one. */
export function isOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false;
}

/** Listens to what the browser reports of the network and of the page. Returns how to stop. */
export function watchPage({ online, offline, visible }: PageListeners): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
  const changed = (): void => {
    if (document.visibilityState === 'visible') visible();
  };
  window.addEventListener('online', online);
  window.addEventListener('offline', offline);
  document.addEventListener('visibilitychange', changed);
  return () => {
    window.removeEventListener('online', online);
    window.removeEventListener('offline', offline);
    document.removeEventListener('visibilitychange', changed);
  };
}
