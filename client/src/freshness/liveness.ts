import type { LiveClient } from '../connection/types.ts';

/** When the connection of a client was live last. */
export interface Liveness {
  /** In Unix milliseconds; `undefined`: it is live now, or nobody has watched it when it was. */
  lastLiveAt(): number | undefined;
  /** Watches until the returned function is called. */
  watch(listener: () => void): () => void;
}

/** How often the time is noted, in milliseconds, and how late a timer of a hidden tab may be. */
const [NOTE_MS, LATE_MS] = [10_000, 90_000];

/** A laptop that sleeps notices that its connection is gone only when it wakes. So the time is noted while the page runs. */
export function createLiveness(client: Pick<LiveClient, 'status' | 'onStatus'>): Liveness {
  let lostAt: number | undefined;
  let notedAt: number | undefined;
  let isDoubted = false;
  let watchers = 0;
  let stop = (): void => undefined;

  function note(): void {
    const now = Date.now();
    const hasStoodStill = notedAt !== undefined && now - notedAt > LATE_MS;
    if (client.status.phase === 'live') {
      lostAt = undefined;
      isDoubted = hasStoodStill && !isDoubted; // until the next time it may still turn out to be gone
      if (!isDoubted) notedAt = now;
    } else if (notedAt !== undefined) {
      lostAt = hasStoodStill ? notedAt : now;
      notedAt = undefined;
    }
  }

  function begin(): void {
    note();
    const timer = setInterval(note, NOTE_MS);
    const stopStatus = client.onStatus(note);
    stop = () => {
      clearInterval(timer);
      stopStatus();
      notedAt = undefined;
    };
  }

  return {
    lastLiveAt: () => lostAt,
    watch(listener) {
      if (watchers === 0) begin();
      watchers += 1;
      const stopListening = client.onStatus(listener);
      return () => {
        stopListening();
        watchers -= 1;
        if (watchers === 0) stop();
      };
    },
  };
}

const known = new WeakMap<LiveClient, Liveness>();

/** The one of a client, which all hooks share. */
export function livenessOf(client: LiveClient): Liveness {
  const liveness = known.get(client) ?? createLiveness(client);
  known.set(client, liveness);
  return liveness;
}
