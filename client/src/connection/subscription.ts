import { STATES } from '../generated/states.ts';
import type { Backoff } from './backoff.ts';
import { createCatchingUp } from './catching-up.ts';
import { createFollowers } from './followers.ts';
import type { Fault, Link } from './link.ts';
import { tick } from './moments.ts';
import { createPastEvents } from './past-events.ts';
import { createRecent } from './recent.ts';
import type { NamedDocument } from './sent-document.ts';
import { createSink } from './subscription-sink.ts';
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
  inspect(): SubscriptionState;
}

/** How an operation is doing. */
export interface SubscriptionState {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Its position; `undefined`: it has none yet. */
  readonly cursor: string | undefined;
  readonly isStarted: boolean;
  /** It has a link, and is not known to run on it with nothing missing. */
  readonly isCatchingUp: boolean;
  readonly refusal: LiveRefusal | undefined;
}

export interface SubscriptionOptions extends NamedDocument {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Between attempts at what the server cannot serve for the moment. */
  readonly backoff: Backoff;
}

/** These pass: the server is asked again. A session that has ended is the link's affair, which closes for it. */
const PASSING: ReadonlySet<unknown> = new Set([
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'UNAUTHENTICATED',
]);
/** For a refusal that has no code, which no answer of the server lacks: a fault of whatever stands in between. */
const NO_CODE = 'INTERNAL_SERVER_ERROR';
/** How many event ids are remembered, to deliver each event once. */
const REMEMBERED = 1000;

type Data = Readonly<Record<string, unknown>>;

export function createSubscription(options: SubscriptionOptions): Subscription {
  const { query, documentId, variables, backoff } = options;
  const followers = createFollowers();
  const events = createEvents(followers);
  const catchingUp = createCatchingUp(followers.setCatchingUp);
  let cursor: string | undefined;
  /** Without a cursor it begins in the past, unless the server has said that it cannot. */
  let mayBeginInPast = true;
  let isStarted = false;
  let isLost = false;
  /** The server has refused it. It is asked again over the next link, since the user's unit or role may have changed then. */
  let refusal: LiveRefusal | undefined;
  let link: Link | undefined;
  /** Stops what runs on the present link, or waits to run on it. */
  let stop: (() => void) | undefined;

  function run(over: Link): void {
    stop?.();
    link = over;
    if (isStarted && cursor === undefined) isLost = true; // it cannot be known what was missed
    catchingUp.begin();
    stop = over.run(
      {
        query,
        documentId,
        variables,
        after: cursor,
        pastMs: mayBeginInPast && !isStarted ? wantedPast(followers.pasts()) : undefined,
      },
      createSink({
        reached(position) {
          cursor = position;
        },
        runs(coveredMs) {
          backoff.reset();
          refusal = undefined;
          if (!isStarted || isLost) notifyStarted(coveredMs);
          else followers.notify((follower) => follower.resumed?.());
        },
        failing: catchingUp.begin,
        lost: () => notifyStarted(0),
        caughtUp: catchingUp.end,
        replayed: catchingUp.replayed,
        event: events.deliver,
        ended: (fault) => ended(over, fault),
      }),
    );
  }

  function notifyStarted(coveredMs: number): void {
    const why = isStarted ? 'lost' : 'first';
    isStarted = true;
    isLost = false;
    events.begin(coveredMs);
    followers.notify((follower) => follower.started?.(why, follower.pastMs && coveredMs));
  }

  function ended(over: Link, fault: Fault | undefined): void {
    const code = fault?.extensions?.code;
    if (code === 'CURSOR_EXPIRED') {
      cursor = undefined;
      mayBeginInPast = false;
      isLost = isStarted;
      events.forgetIds();
      run(over);
    } else if (fault === undefined || PASSING.has(code)) {
      catchingUp.begin();
      const timer = setTimeout(() => run(over), backoff.next());
      stop = () => clearTimeout(timer);
    } else {
      refusal = { code: typeof code === 'string' ? code : NO_CODE, message: fault.message };
      stop = undefined;
      followers.notifyRefused(refusal);
      catchingUp.end();
    }
  }

  return {
    add(follower) {
      const { notify, leave } = followers.add(follower);
      if (refusal !== undefined) {
        if (link !== undefined && stop === undefined) run(link); // the server is asked for this follower, too
      } else if (isStarted) queueMicrotask(() => events.joinLate(follower, notify));
      return leave;
    },
    attach: run,
    detach() {
      stop?.();
      stop = link = undefined;
      catchingUp.end(); // now the phase of the connection says it
    },
    get isFollowed() {
      return followers.count > 0;
    },
    inspect: () => ({ query, variables, cursor, isStarted, isCatchingUp: followers.areCatchingUp, refusal }),
  };
}

/** `undefined`: no follower wants to begin in the past. */
const wantedPast = (wanted: readonly number[]): number | undefined =>
  wanted.length === 0 ? undefined : Math.ceil(Math.max(...wanted));

/** Delivers events to the followers, each once, and to those that join late what they want of the past. */
function createEvents(followers: ReturnType<typeof createFollowers>) {
  const seen = createRecent(REMEMBERED);
  const past = createPastEvents<Data>();
  let newestState: { readonly data: Data; readonly moment: number } | undefined;
  let startedAt = 0;
  return {
    /** The operation runs from now on. */
    begin(coveredMs: number): void {
      startedAt = tick();
      past.begin(startedAt - coveredMs);
    },
    deliver(data: Data, agoMs: number | undefined): void {
      const [field, event] = Object.entries(data)[0] ?? [];
      const id = readId(event);
      if (id !== undefined && !seen.isNew(id)) return;
      const moment = agoMs === undefined ? tick() : startedAt - agoMs;
      const isState = field !== undefined && STATES.has(field);
      if (isState) newestState = { data, moment };
      else past.note(data, moment);
      followers.notify((follower) => {
        if (agoMs === undefined || isState || follower.pastMs !== undefined) follower.event(data, agoMs);
      });
    },
    /** The subscription runs already: this follower, too, gets everything from here on, and what it wants of the past. */
    joinLate(follower: Follower<unknown>, notify: (call: () => void) => void): void {
      const now = tick();
      const { since, events } = past.after(follower.pastMs === undefined ? now : now - follower.pastMs());
      notify(() => follower.started?.('first', follower.pastMs && now - since));
      for (const { data, moment } of events) notify(() => follower.event(data, now - moment));
      if (newestState === undefined) return;
      const { data, moment } = newestState;
      notify(() => follower.event(data, follower.pastMs && now - moment));
    },
    /** Events may come once more. */
    forgetIds: seen.clear,
  };
}

function readId(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('id' in event)) return undefined;
  return typeof event.id === 'string' ? event.id : undefined;
}
