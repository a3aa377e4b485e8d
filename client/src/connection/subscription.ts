import { STATES } from '../generated/states.ts';
import type { Backoff } from './backoff.ts';
import type { Fault, Link, Result } from './link.ts';
import { createRecent } from './recent.ts';
import type { Follower, LiveRefusal } from './types.ts';

/** One operation, however many follow it, over one link after the other. */
export interface Subscription {
  /** Lets somebody follow. Returns how to stop. */
  add(follower: Follower<unknown>): () => void;
  /** Runs over this link from now on, from where it was. */
  attach(link: Link): void;
  /** There is no link any more; where it was is kept. */
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
/** How many event ids are remembered, to tell each event once. */
const REMEMBERED = 1000;

export function createSubscription(options: SubscriptionOptions): Subscription {
  const { query, variables, backoff } = options;
  const followers = new Set<Follower<unknown>>();
  const seen = createRecent(REMEMBERED);
  let cursor: string | undefined;
  let newestState: unknown;
  let isStarted = false;
  let isLost = false;
  /** Stops what runs on the present link, or waits to run on it. */
  let stop: (() => void) | undefined;

  function tell(say: (follower: Follower<unknown>) => void): void {
    for (const follower of [...followers]) if (followers.has(follower)) guarded(() => say(follower));
  }

  function tellStarted(): void {
    const why = isStarted ? 'lost' : 'first';
    isStarted = true;
    isLost = false;
    tell((follower) => follower.started?.(why));
  }

  function loseTrack(): void {
    cursor = undefined;
    isLost = isStarted;
    seen.clear();
  }

  function tellEvent(data: Readonly<Record<string, unknown>>): void {
    const [field, event] = Object.entries(data)[0] ?? [];
    const id = readId(event);
    if (id !== undefined && !seen.isNew(id)) return;
    if (field !== undefined && STATES.has(field)) newestState = data;
    tell((follower) => follower.event(data));
  }

  function refuse(refusal: LiveRefusal): void {
    const refused = [...followers];
    followers.clear();
    options.onRefused();
    for (const follower of refused) guarded(() => follower.refused?.(refusal));
  }

  function run(link: Link): void {
    stop?.();
    if (isStarted && cursor === undefined) isLost = true; // it cannot be known what was missed
    let isSilent = true;
    /** An event that could not be executed, or what ends the operation: what comes next tells which. */
    let faults: readonly Fault[] = [];

    function heard(): void {
      if (!isSilent) return;
      isSilent = false;
      backoff.reset();
      if (!isStarted || isLost) tellStarted();
      else tell((follower) => follower.resumed?.());
    }

    function next({ data, errors = [], extensions }: Result): void {
      if (typeof extensions?.cursor === 'string') cursor = extensions.cursor;
      if (data == null) {
        faults = errors;
        return;
      }
      if (faults.length > 0) tellLoss();
      heard();
      tellEvent(data);
    }

    function tellLoss(): void {
      faults = [];
      heard();
      tellStarted();
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
        position(told) {
          cursor = told;
          if (faults.length > 0) tellLoss();
          else heard();
        },
        ended,
      },
    );
  }

  return {
    add(follower) {
      const entry: Follower<unknown> = {
        event: (data) => follower.event(data),
        started: (why) => follower.started?.(why),
        resumed: () => follower.resumed?.(),
        refused: (refusal) => follower.refused?.(refusal),
      };
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

  /** It runs already: everything from here on is told to this follower too. */
  function join(follower: Follower<unknown>): void {
    if (!followers.has(follower)) return;
    guarded(() => follower.started?.('first'));
    if (newestState !== undefined && followers.has(follower)) guarded(() => follower.event(newestState));
  }
}

function readId(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('id' in event)) return undefined;
  return typeof event.id === 'string' ? event.id : undefined;
}

/** What a follower throws is reported as what it is, an uncaught error, and keeps nobody else from being told. */
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
