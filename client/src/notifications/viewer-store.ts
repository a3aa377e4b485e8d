import { createBackoff } from '../connection/backoff.ts';
import { createListeners } from '../connection/listeners.ts';
import type { LiveClient } from '../connection/types.ts';
import { ViewerDocument, type ViewerQuery } from '../generated/operations.ts';

export type Viewer = ViewerQuery['viewer'];

/** Who the user of a client is. Another person may sign in over the same client, and a person's unit or role may change. */
export interface ViewerStore {
  /** The same object until something changes; `undefined`: the server has not said it yet, or nobody is signed in. */
  get(): Viewer | undefined;
  /** Calls back when it changes. While somebody watches, the server is asked until it says it. Returns how to stop. */
  watch(listener: () => void): () => void;
  /** Resolves to who it is for certain, and asks the server for that unless it has said it over this connection. */
  certain(): Promise<Viewer | undefined>;
}

const stores = new WeakMap<LiveClient, ViewerStore>();

/** The one store of a client, which lasts as long as the client. */
export function viewerStoreOf(client: LiveClient): ViewerStore {
  const store = stores.get(client) ?? createViewerStore(client);
  stores.set(client, store);
  return store;
}

function createViewerStore(client: LiveClient): ViewerStore {
  const backoff = createBackoff(1000, 30_000);
  const listeners = createListeners();
  let watching = 0;
  let viewer: Viewer | undefined;
  let asking: Promise<Viewer | undefined> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer of an earlier session counts for nothing. */
  let session = 0;

  function set(next: Viewer | undefined): void {
    if (viewer === next || (viewer && next && keyOf(viewer) === keyOf(next))) return;
    viewer = next;
    listeners.notify();
  }

  function verify(): Promise<Viewer | undefined> {
    clearTimeout(timer);
    asking ??= ask();
    return asking;
  }

  async function ask(): Promise<Viewer | undefined> {
    const own = session;
    const asked = client.urql.query(ViewerDocument, {}).toPromise();
    const found = await asked.then(
      ({ data }) => data?.viewer,
      () => undefined,
    );
    asking = undefined;
    if (own !== session) return watching > 0 && !doubts.isDoubtful ? verify() : viewer;
    if (found === undefined) {
      if (watching > 0) timer = setTimeout(() => void verify(), backoff.next());
      return viewer;
    }
    backoff.reset();
    set(found);
    return viewer;
  }

  const doubts = watchDoubts(client, {
    /** What is known stays on the screen during an interruption, unless it is over for certain. */
    doubtful(isOver) {
      session += 1;
      clearTimeout(timer);
      if (isOver || watching === 0) set(undefined);
    },
    live() {
      session += 1;
      if (watching > 0) void verify();
    },
  });

  return {
    get: () => viewer,
    watch(listener) {
      const stop = listeners.add(listener);
      watching += 1;
      if (viewer === undefined && !doubts.isDoubtful) void verify();
      return () => {
        stop();
        watching -= 1;
        if (watching === 0) clearTimeout(timer);
      };
    },
    async certain() {
      if (asking === undefined && viewer !== undefined && !doubts.isDoubtful) return viewer;
      return verify();
    },
  };
}

interface Doubts {
  /** The connection is gone: by the next one, somebody else may come. `isOver`: nobody is signed in now, or the app has reconnected. */
  doubtful(isOver: boolean): void;
  /** There is a connection again. */
  live(): void;
}

/** Says when a client may have got another user. It watches for as long as the client lasts. */
function watchDoubts(client: LiveClient, { doubtful, live }: Doubts): { readonly isDoubtful: boolean } {
  let before = client.status;
  let isDoubtful = false;
  client.onStatus(() => {
    const { status } = client;
    const [last, { phase }] = [before, status];
    before = status;
    if (phase === 'live') {
      if (!isDoubtful) return;
      isDoubtful = false;
      live();
    } else if (phase !== 'connecting' || last.phase !== 'idle') {
      isDoubtful = true;
      doubtful(phase === 'signed-out' || (isHeld(last) && !isHeld(status)));
    }
  });
  return {
    get isDoubtful() {
      return isDoubtful;
    },
  };
}

/** The connection waits for the app, which may have waited for a sign-in. */
const isHeld = (status: LiveClient['status']): boolean =>
  status.phase === 'stopped' || (status.phase === 'offline' && status.reason === 'disconnected');

/** Equal for the same person in the same unit and role: what one of them may see, the other may. A session's end is not part of it. */
export const keyOf = ({ id, unitId, role, isAdmin }: Viewer): string =>
  JSON.stringify([id, unitId, role, isAdmin]);
