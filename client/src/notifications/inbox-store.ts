import { createBackoff } from '../connection/backoff.ts';
import { tick } from '../connection/moments.ts';
import type { LiveClient } from '../connection/types.ts';
import {
  RequestUpdatedDocument,
  SendBackCreatedDocument,
  WhileAwayDocument,
  type WhileAwayQuery,
} from '../generated/operations.ts';
import { exactVariables } from '../react/live-variables.ts';
import {
  foldInbox,
  type InboxEvent,
  type InboxOwner,
  type KnownItem,
  requestEvent,
  sendBackEvent,
} from './inbox-items.ts';
import { keyOf, type Viewer, viewerStoreOf } from './viewer-store.ts';

interface LiveEvent {
  readonly event: InboxEvent;
  /** When it came, as `tick` says it. */
  readonly at: number;
}

/** What an inbox shows. */
export interface InboxContent {
  readonly items: readonly KnownItem[];
  /** The user; `undefined` until the server has said it. */
  readonly viewerId: string | undefined;
  /** Whether the server has not answered yet. */
  readonly isLoading: boolean;
  /** From when on everything is in it, in Unix milliseconds of this browser's clock; `undefined`: that is not known. */
  readonly knownFrom: number | undefined;
  /** How far the server's clock is ahead of this browser's, in milliseconds. */
  readonly clockAheadMs: number;
  /** How many older things changed besides. */
  readonly more: number;
}

/** The inbox of a page: what the server has folded, and what came since. It is filled while it is watched. */
export interface InboxStore {
  /** The same object until something changes. */
  get(): InboxContent;
  /** Returns how to stop. */
  watch(listener: () => void): () => void;
  isWatched(): boolean;
}

const EMPTY: InboxContent = {
  items: [],
  viewerId: undefined,
  isLoading: true,
  knownFrom: undefined,
  clockAheadMs: 0,
  more: 0,
};

const KINDS = ['request', 'sendback'];
/** More live events than this are not kept: the server is asked again, which has folded them. */
const MOST_LIVE = 500;
/** As useRequestNotifications has it, whose subscription this is. */
const PAST_MS = 5000;

export function createInboxStore(
  client: LiveClient,
  unitId: string | undefined,
  sinceMs: number,
): InboxStore {
  const backoff = createBackoff(1000, 60_000);
  const viewers = viewerStoreOf(client);
  const listeners = new Set<() => void>();
  let answer: WhileAwayQuery['whileAway'] | undefined;
  let owner: Owner | undefined;
  let live: LiveEvent[] = [];
  let content = EMPTY;
  let stops: readonly (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  /** Somebody's content was dropped, and nobody's has come since. */
  let isForgotten = false;

  function show(isLoading: boolean): void {
    const clockAheadMs = answer === undefined ? 0 : content.clockAheadMs;
    content = contentOf({ answer, owner, live, clockAheadMs, isLoading });
    for (const listener of [...listeners]) listener();
  }

  /** Of another person, or of the same one in another unit or role, nothing may be shown. */
  function onViewer(): void {
    const viewer = viewers.get();
    if ((viewer && keyOf(viewer)) === owner?.key) return;
    const isAnother = owner !== undefined || isForgotten;
    owner = viewer && ownerOf(viewer, unitId);
    if (isAnother) forget();
    else show(content.isLoading);
    if (isAnother && owner !== undefined) void ask();
  }

  function forget(): void {
    isForgotten = owner === undefined;
    asked += 1;
    [answer, live] = [undefined, []];
    show(true);
  }

  /** Asks what happened. The subscriptions run already, so that nothing is between the answer and them. */
  async function ask(): Promise<void> {
    clearTimeout(timer);
    asked += 1;
    const own = asked;
    const from = tick();
    const [viewer, { data, error }] = await Promise.all([
      viewers.certain(),
      askAway(client, unitId, sinceMs),
    ]);
    if (own !== asked || stops.length === 0) return;
    const found = data?.whileAway; // of a query that was refused, the data is null
    if (found !== undefined) {
      answer = found;
      content = { ...content, clockAheadMs: Date.parse(found.until) - Date.now() };
      backoff.reset();
      // What came before is folded in it, as of now: an older event would bring back what has changed or left since. The server
      // process that answered may be a little late.
      live = live.filter(({ at }) => at > from - PAST_MS);
    }
    live = live.slice(-MOST_LIVE);
    const isForGood = error?.graphQLErrors.some(({ extensions }) => FOR_GOOD.has(String(extensions['code'])));
    const isOpen = (found === undefined && isForGood !== true) || viewer === undefined;
    if (isOpen) timer = setTimeout(() => void ask(), backoff.next());
    show(isOpen && answer === undefined);
  }

  function add(event: InboxEvent): void {
    live.push({ event, at: tick() });
    if (live.length === 2 * MOST_LIVE) void ask();
    if (owner !== undefined) show(content.isLoading);
  }

  function begin(): void {
    stops = [viewers.watch(onViewer), ...followBoth(client, unitId, { add, ask: () => void ask() })];
    onViewer();
  }

  function end(): void {
    for (const stop of stops) stop();
    stops = [];
    clearTimeout(timer);
    asked += 1;
  }

  return {
    get: () => (stops.length > 0 || isOf(viewers.get(), owner) ? content : EMPTY),
    isWatched: () => listeners.size > 0,
    watch(listener) {
      listeners.add(listener);
      if (listeners.size === 1) begin();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) end();
      };
    },
  };
}

interface Known extends Pick<InboxContent, 'clockAheadMs' | 'isLoading'> {
  readonly answer: WhileAwayQuery['whileAway'] | undefined;
  readonly owner: Owner | undefined;
  readonly live: readonly LiveEvent[];
}

function contentOf({ answer, owner, live, clockAheadMs, isLoading }: Known): InboxContent {
  const events = live.map(({ event }) => event);
  return {
    items: owner === undefined ? [] : foldInbox(answer?.lines ?? [], events, owner),
    viewerId: owner?.id,
    isLoading,
    knownFrom:
      answer === undefined ? undefined : Math.min(Date.now(), Date.parse(answer.knownFrom) - clockAheadMs),
    clockAheadMs,
    more: answer?.more ?? 0,
  };
}

function askAway(client: LiveClient, unitId: string | undefined, sinceMs: number) {
  const unit = exactVariables<{ unitId?: string }>({ unitId });
  const variables = { ...unit, sinceMs, kinds: KINDS, first: 200 };
  return client.urql.query(WhileAwayDocument, variables, { requestPolicy: 'network-only' }).toPromise();
}

/** Whose content it is. */
interface Owner extends InboxOwner {
  readonly key: string;
}

const ownerOf = (viewer: Viewer, unitId: string | undefined): Owner => ({
  id: viewer.id,
  isOfAllUnits: viewer.isAdmin && unitId === undefined,
  key: keyOf(viewer),
});

const isOf = (viewer: Viewer | undefined, owner: Owner | undefined): boolean =>
  viewer !== undefined && keyOf(viewer) === owner?.key;

interface Handlers {
  add(event: InboxEvent): void;
  ask(): void;
}

/** Asks once both subscriptions run, or are refused: then the query is refused, too. */
function followBoth(
  client: LiveClient,
  unitId: string | undefined,
  { add, ask }: Handlers,
): readonly (() => void)[] {
  const waiting = new Set(KINDS);
  function settle(kind: string, isAgain: boolean): void {
    const isNew = waiting.delete(kind);
    if (waiting.size === 0 && (isNew || isAgain)) ask();
  }
  return [
    client.follow(RequestUpdatedDocument, exactVariables({ unitId }), {
      pastMs: () => PAST_MS,
      event: ({ requestUpdated }) => add(requestEvent(requestUpdated)),
      started: () => settle('request', true),
      refused: () => settle('request', false),
    }),
    client.follow(SendBackCreatedDocument, exactVariables({ mine: true, unitId }), {
      event: ({ sendBackCreated }) => add(sendBackEvent(sendBackCreated)),
      started: () => settle('sendback', true),
      refused: () => settle('sendback', false),
    }),
  ];
}

/** Asking again would be refused again: another role, or a server of an earlier version, which does not know the query. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'FORBIDDEN',
  'GRAPHQL_VALIDATION_FAILED',
  'UNTRUSTED_DOCUMENT',
]);

const stores = new WeakMap<LiveClient, Map<string, InboxStore>>();
/** More stores than this are kept only while they are watched: an app may ask for another time whenever it is rendered. */
const MOST_STORES = 8;

/** The one store of a client, for a unit and a time. */
export function inboxStoreOf(client: LiveClient, unitId: string | undefined, sinceMs: number): InboxStore {
  const ofClient = stores.get(client) ?? new Map<string, InboxStore>();
  stores.set(client, ofClient);
  const key = `${unitId ?? ''} ${sinceMs}`;
  const known = ofClient.get(key);
  if (known !== undefined) return known;
  for (const [oldest, { isWatched }] of ofClient)
    if (ofClient.size >= MOST_STORES && !isWatched()) ofClient.delete(oldest);
  const store = createInboxStore(client, unitId, sinceMs);
  ofClient.set(key, store);
  return store;
}
