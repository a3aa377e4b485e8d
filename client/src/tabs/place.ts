import type { Locks } from './browser.ts';

export interface PlaceEvents {
  /** This tab can be watched: from now on others notice when it is gone, and do not think so before. */
  isThere(): void;
  /** This tab leads from now on. */
  leads(): void;
  /** Another tab has taken the lead from it: it was mute for too long. */
  lost(): void;
  /** The browser gives no locks, as where it stores nothing for the site. */
  refused(): void;
}

/** A tab's place among those that share a connection. */
export interface Place {
  /** Takes the lead from a tab that does not answer. */
  take(): void;
  leave(): void;
}

const tabLock = (name: string, tab: string): string => `${name} tab ${tab}`;

/**
 * Waits for the lead. The browser gives it to one tab, and to the next when that tab lets go of it, is closed or crashes. Each
 * tab also holds a lock of its own, by which the leader notices that the tab is gone.
 */
export function takePlace(locks: Locks, name: string, tab: string, events: PlaceEvents): Place {
  const leaving = new AbortController();
  let waiting: AbortController | undefined;
  let letGo: (() => void) | undefined;

  /** Holds the lead until this tab leaves, or another one takes it. */
  function lead(): Promise<void> {
    if (leaving.signal.aborted) return Promise.resolve();
    waiting = undefined;
    return new Promise((resolve) => {
      letGo = resolve;
      events.leads();
    });
  }

  function lost(): void {
    if (letGo === undefined) return; // it only waited
    letGo = undefined;
    if (leaving.signal.aborted) return;
    wait();
    events.lost();
  }

  function wait(): void {
    const own = new AbortController();
    waiting = own;
    locks.request(name, { signal: own.signal }, lead).catch(lost);
  }

  locks
    .request(tabLock(name, tab), () => {
      if (leaving.signal.aborted) return;
      events.isThere();
      return new Promise<void>((resolve) => leaving.signal.addEventListener('abort', () => resolve()));
    })
    .catch(() => {
      if (!leaving.signal.aborted) events.refused(); // nobody steals this one
    });
  wait();
  return {
    take() {
      if (letGo !== undefined) return;
      waiting?.abort();
      locks.request(name, { steal: true }, lead).catch(lost);
    },
    leave() {
      leaving.abort();
      waiting?.abort();
      letGo?.();
      letGo = undefined;
    },
  };
}

/** Calls back when a tab has left, was closed, or has crashed. Returns how to stop. */
export function watchTab(locks: Locks, name: string, tab: string, onGone: () => void): () => void {
  const watching = new AbortController();
  locks.request(tabLock(name, tab), { signal: watching.signal }, onGone).catch(() => undefined);
  return () => watching.abort();
}
