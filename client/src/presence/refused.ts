import type { LiveClient, LiveRefusal } from '../connection/types.ts';

/** What the server has refused to say about who is present, so that it is not asked again by each component. */
export interface Refused {
  has(key: string): boolean;
  /** Only what the user may not do at all. What is wrong with one object says nothing about others. */
  note(key: string, refusal: Pick<LiveRefusal, 'code'>): void;
  /** Calls back when something is refused, or may be asked again. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

const known = new WeakMap<LiveClient, Refused>();

/** Everything may be asked again over the next connection: to another server, or for a user whose role has changed. */
export function refusedTo(client: LiveClient): Refused {
  const found = known.get(client) ?? keepRefused(client);
  known.set(client, found);
  return found;
}

function keepRefused(client: LiveClient): Refused {
  const keys = new Set<string>();
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  client.onStatus(() => {
    if (client.status.phase === 'live' || keys.size === 0) return;
    keys.clear();
    notify();
  });
  return {
    has: (key) => keys.has(key),
    note(key, { code }) {
      if (code !== 'FORBIDDEN') return;
      keys.add(key);
      notify();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
