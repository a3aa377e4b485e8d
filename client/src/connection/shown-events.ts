import { type CausedEvent, readCausedEvents } from './caused-events.ts';
import { createRecent } from './recent.ts';
import type { LiveClient, Seen, SeenOptions } from './types.ts';

/** Writes events into a cache: a query bridge. */
export interface Screen {
  follows(event: CausedEvent): boolean;
  /** Writes at once what waits to be written. */
  flush(): void;
}

/** Which events the screens of a client show. */
export interface ShownEvents {
  add(screen: Screen): void;
  remove(screen: Screen): void;
  /** A screen has received an event, and shows it after the next `flush` at the latest. */
  received(id: string): void;
  /** See {@link LiveClient.seen}. */
  seen(answer: unknown, options?: SeenOptions): Promise<Seen>;
  /** Nobody waits any more. */
  stop(): void;
}

/** How many ids are remembered: an event may come before the answer of the request that caused it. */
const REMEMBERED = 1000;
const TIMEOUT_MS = 3000;

interface Waiter {
  readonly missing: Set<string>;
  end(seen: boolean): void;
}

function createShownEvents(): ShownEvents {
  const screens = new Set<Screen>();
  const recent = createRecent(REMEMBERED);
  const waiters = new Set<Waiter>();

  function wait(ids: readonly string[], timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.end(false), timeoutMs);
      const waiter: Waiter = {
        missing: new Set(ids),
        end(seen) {
          clearTimeout(timer);
          waiters.delete(waiter);
          resolve(seen);
        },
      };
      waiters.add(waiter);
    });
  }

  return {
    add: (screen) => void screens.add(screen),
    remove: (screen) => void screens.delete(screen),
    received(id) {
      recent.isNew(id);
      for (const waiter of [...waiters]) {
        waiter.missing.delete(id);
        if (waiter.missing.size === 0) waiter.end(true);
      }
    },
    async seen(answer, { timeoutMs = TIMEOUT_MS } = {}) {
      const awaited = readCausedEvents(answer).filter((event) =>
        [...screens].some((screen) => screen.follows(event)),
      );
      if (awaited.length === 0) return { seen: false };
      const missing = awaited.map(({ id }) => id).filter((id) => !recent.has(id));
      if (missing.length > 0 && !(await wait(missing, timeoutMs))) return { seen: false };
      for (const screen of screens) screen.flush();
      return { seen: true };
    },
    stop() {
      for (const waiter of [...waiters]) waiter.end(false);
    },
  };
}

/** A client with `seen`, which nobody awaits any more when the client is closed. */
export function withSeen<Client extends Pick<LiveClient, 'close'>>(client: Client) {
  const { seen, stop } = shownEventsOf(client);
  const { close } = client;
  return Object.assign(client, {
    seen,
    close(): void {
      stop();
      close();
    },
  });
}

const stores = new WeakMap<object, ShownEvents>();

/** The one store of a client: its bridges write it, `seen` reads it. */
export function shownEventsOf(client: object): ShownEvents {
  const known = stores.get(client) ?? createShownEvents();
  stores.set(client, known);
  return known;
}
