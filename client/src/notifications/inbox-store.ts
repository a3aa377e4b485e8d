import { createBackoff } from '../connection/backoff.ts';
import { createFrame } from '../connection/frame.ts';
import { tick } from '../connection/moments.ts';
import type { LiveClient } from '../connection/types.ts';
import {
  RequestUpdatedDocument,
  SendBackCreatedDocument,
  WhileAwayDocument,
} from '../generated/operations.ts';
import { exactVariables } from '../react/live-variables.ts';
import { createInboxContents, EMPTY, type InboxContent, type Owner } from './inbox-content.ts';
import { type InboxEvent, requestEvent, sendBackEvent } from './inbox-items.ts';
import { keyOf, type Viewer, viewerStoreOf } from './viewer-store.ts';

/** The inbox of a page: what the server has folded, and what came since. It is filled while it is watched. */
export interface InboxStore {
  /** The same object until something changes. */
  get(): InboxContent;
  /** Returns how to stop. */
  watch(listener: () => void): () => void;
  readonly isWatched: boolean;
}

const KINDS = ['request', 'sendback'];
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
  const contents = createInboxContents();
  const frame = createFrame(notify);
  let stops: readonly (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  /** Somebody's content was dropped, and nobody's has come since. */
  let isForgotten = false;

  function notify(): void {
    for (const listener of [...listeners]) listener();
  }

  /** Of another person, or of the same one in another unit or role, nothing may be shown. */
  function onViewer(): void {
    const viewer = viewers.get();
    if (isSame(viewer, contents.owner)) return;
    const isAnother = contents.owner !== undefined || isForgotten;
    contents.setOwner(viewer && ownerOf(viewer, unitId));
    if (isAnother) {
      isForgotten = viewer === undefined;
      asked += 1;
      contents.forget();
    } else contents.show(contents.get().isLoading);
    notify();
    if (isAnother && viewer !== undefined) void ask();
  }

  /** Asks what happened. The subscriptions run already, so that nothing is between the answer and them. */
  async function ask(): Promise<void> {
    clearTimeout(timer);
    asked += 1;
    const own = asked;
    const from = tick();
    const [viewer, { found, isForGood }] = await Promise.all([
      viewers.certain(),
      askServer(client, unitId, sinceMs),
    ]);
    if (own !== asked || stops.length === 0) return;
    if (found !== undefined) backoff.reset();
    contents.answered(found, from - PAST_MS);
    const isOpen = (found === undefined && !isForGood) || viewer === undefined;
    if (isOpen) timer = setTimeout(() => void ask(), backoff.next());
    contents.show(isOpen && !contents.isAnswered);
    notify();
  }

  function add(event: InboxEvent): void {
    const { isShown, isFull } = contents.add({ event, at: tick() });
    if (isFull) void ask();
    if (isShown) frame.ask();
  }

  function begin(): void {
    stops = [viewers.watch(onViewer), ...followBoth(client, unitId, { add, ask: () => void ask() })];
    onViewer();
  }

  function end(): void {
    for (const stop of stops) stop();
    stops = [];
    clearTimeout(timer);
    frame.stop();
    asked += 1;
  }

  return {
    get: () => (stops.length > 0 || isOf(viewers.get(), contents.owner) ? contents.get() : EMPTY),
    get isWatched() {
      return listeners.size > 0;
    },
    watch(listener) {
      listeners.add(listener);
      if (listeners.size === 1) begin();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) end();
      };
    },
  };
}

const ownerOf = (viewer: Viewer, unitId: string | undefined): Owner => ({
  id: viewer.id,
  isOfAllUnits: viewer.isAdmin && unitId === undefined,
  key: keyOf(viewer),
});

/** While nothing is watched, somebody else may sign in. */
const isOf = (viewer: Viewer | undefined, owner: Owner | undefined): boolean =>
  viewer !== undefined && isSame(viewer, owner);

const isSame = (viewer: Viewer | undefined, owner: Owner | undefined): boolean =>
  (viewer && keyOf(viewer)) === owner?.key;

/** What happened. `isForGood`: asking again would be refused again. */
async function askServer(client: LiveClient, unitId: string | undefined, sinceMs: number) {
  const variables = { ...exactVariables<{ unitId?: string }>({ unitId }), sinceMs, kinds: KINDS, first: 200 };
  const { data, error } = await client.urql
    .query(WhileAwayDocument, variables, { requestPolicy: 'network-only' })
    .toPromise();
  const codes = error?.graphQLErrors.map(({ extensions }) => String(extensions['code'])) ?? [];
  // Of a query that was refused, the data is null.
  return { found: data?.whileAway, isForGood: codes.some((code) => FOR_GOOD.has(code)) };
}

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
    if (ofClient.size >= MOST_STORES && !isWatched) ofClient.delete(oldest);
  const store = createInboxStore(client, unitId, sinceMs);
  ofClient.set(key, store);
  return store;
}
