import { STATES } from '../generated/states.ts';
import type { Backoff } from './backoff.ts';
import type { Fault, Link, Result } from './link.ts';
import { createRecent } from './recent.ts';
import type { Follower, LiveRefusal } from './types.ts';

/** One operation with any number of followers, over one link after the other. */
export interface Subscription {
  /** Adds a follower. Returns how to stop. */
  add(follower: Follower<unknown>): () => void;
  /** Runs over this link from now on, after the last position. */
  attach(link: Link): void;
  /** There is no link any more. The position is kept. */
  detach(): void;
  readonly isFollowed: boolean;
}

export interface SubscriptionOptions {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Between attempts at what the server cannot serve for the moment. */
  readonly backoff: Backoff;
  /** The server refuses it for good: it has ended. */
  readonly onRefused: () => void;
}

/** These pass: the server is asked again. A session that has ended is the link's affair, which closes for it. */
const PASSING: ReadonlySet<unknown> = new Set([
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'UNAUTHENTICATED',
]);
/** How many event ids are remembered, to deliver each event once. */
const REMEMBERED = 1000;

/** One place among the followers: the same object may follow twice. */
interface Entry {
  readonly follower: Follower<unknown>;
}

export function createSubscription(options: SubscriptionOptions): Subscription {
  const { query, variables, backoff } = options;
  const followers = new Set<Entry>();
  const seen = createRecent(REMEMBERED);
  let cursor: string | undefined;
  let newestState: unknown;
  let isStarted = false;
  let isLost = false;
  /** Stops what runs on the present link, or waits to run on it. */
  let stop: (() => void) | undefined;

  /** Each entry that is still there when its turn comes. */
  function notify(call: (follower: Follower<unknown>) => void): void {
    for (const entry of [...followers]) if (followers.has(entry)) guarded(() => call(entry.follower));
  }

  function notifyStarted(): void {
    const why = isStarted ? 'lost' : 'first';
    isStarted = true;
    isLost = false;
    notify((follower) => follower.started?.(why));
  }

  function loseTrack(): void {
    cursor = undefined;
    isLost = isStarted;
    seen.clear();
  }

  function deliver(data: Readonly<Record<string, unknown>>): void {
    const [field, event] = Object.entries(data)[0] ?? [];
    const id = readId(event);
    if (id !== undefined && !seen.isNew(id)) return;
    if (field !== undefined && STATES.has(field)) newestState = data;
    notify((follower) => follower.event(data));
  }

  function refuse(refusal: LiveRefusal): void {
    const refused = [...followers];
    followers.clear();
    options.onRefused();
    for (const { follower } of refused) guarded(() => follower.refused?.(refusal));
  }

  function run(link: Link): void {
    stop?.();
    if (isStarted && cursor === undefined) isLost = true; // it cannot be known what was missed
    let isSilent = true;
    /** Of an event that could not be executed, or of the end of the operation: what comes next decides. */
    let faults: readonly Fault[] = [];

    /** The operation runs: its first event or position has come. */
    function runs(): void {
      if (!isSilent) return;
      isSilent = false;
      backoff.reset();
      if (!isStarted || isLost) notifyStarted();
      else notify((follower) => follower.resumed?.());
    }

    function next({ data, errors = [], extensions }: Result): void {
      if (typeof extensions?.cursor === 'string') cursor = extensions.cursor;
      if (data == null) {
        faults = errors;
        return;
      }
      if (faults.length > 0) notifyLoss();
      runs();
      deliver(data);
    }

    /** What the server could not execute is lost. */
    function notifyLoss(): void {
      faults = [];
      runs();
      notifyStarted();
    }

    function ended(last: readonly Fault[]): void {
      const [fault] = last.length > 0 ? last : faults;
      const code = fault?.extensions?.code;
      if (code === 'CURSOR_EXPIRED') {
        loseTrack();
        run(link);
      } else if (fault === undefined || PASSING.has(code)) {
        const timer = setTimeout(() => run(link), backoff.next());
        stop = () => clearTimeout(timer);
      } else {
        refuse({ code: String(code), message: fault.message });
      }
    }

    stop = link.run(
      { query, variables, after: cursor },
      {
        next,
        position(reported) {
          cursor = reported;
          if (faults.length > 0) notifyLoss();
          else runs();
        },
        ended,
      },
    );
  }

  return {
    add(follower) {
      const entry = { follower };
      followers.add(entry);
      if (isStarted) queueMicrotask(() => join(entry));
      return () => followers.delete(entry);
    },
    attach: run,
    detach() {
      stop?.();
      stop = undefined;
    },
    get isFollowed() {
      return followers.size > 0;
    },
  };

  /** It runs already: this follower, too, gets everything from here on. */
  function join(entry: Entry): void {
    if (!followers.has(entry)) return;
    guarded(() => entry.follower.started?.('first'));
    if (newestState !== undefined && followers.has(entry)) guarded(() => entry.follower.event(newestState));
  }
}

function readId(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('id' in event)) return undefined;
  return typeof event.id === 'string' ? event.id : undefined;
}

/** What a follower throws is reported as what it is, an uncaught error, and the other followers are notified all the same. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else queueMicrotask(() => rethrow(error));
  }
}

function rethrow(error: unknown): never {
  throw error;
}
