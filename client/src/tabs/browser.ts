import type { TabMessage } from './messages.ts';

/** A channel to the other tabs, by which other pages of the origin can send anything. It does not deliver what it sends to itself. */
export interface TabChannel {
  post(message: TabMessage): void;
  close(): void;
}

/** The part of a browser's lock manager that is used. */
export type Locks = Pick<LockManager, 'request'>;

/** What tabs share a connection by. Tests have their own. */
export interface Browser {
  readonly locks: Locks;
  openChannel(name: string, onMessage: (data: unknown) => void): TabChannel;
  /** Reports that the page is put away (frozen, or kept for the back button), and that it is back. Returns how to stop. */
  watchPage(isAway: (isAway: boolean) => void): () => void;
  /** Whether its user sees the tab. */
  readonly isVisible: boolean;
}

/** The browser of this page. `undefined`: it has no locks (they need https or localhost), or there is no page. */
export function findBrowser(): Browser | undefined {
  if (typeof document === 'undefined' || typeof BroadcastChannel === 'undefined') return undefined;
  const { locks }: { locks?: Locks } = navigator;
  if (locks === undefined) return undefined;
  return {
    locks,
    openChannel(name, onMessage) {
      const channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }: MessageEvent<unknown>) => onMessage(data);
      return { post: (message) => channel.postMessage(message), close: () => channel.close() };
    },
    watchPage,
    get isVisible() {
      return document.visibilityState === 'visible';
    },
  };
}

function watchPage(isAway: (isAway: boolean) => void): () => void {
  const left = (): void => isAway(true);
  const back = (): void => isAway(false);
  window.addEventListener('pagehide', left);
  window.addEventListener('pageshow', back);
  document.addEventListener('freeze', left);
  document.addEventListener('resume', back);
  return () => {
    window.removeEventListener('pagehide', left);
    window.removeEventListener('pageshow', back);
    document.removeEventListener('freeze', left);
    document.removeEventListener('resume', back);
  };
}
