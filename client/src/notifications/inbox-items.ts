import type {
  RequestUpdatedSubscription,
  SendBackCreatedSubscription,
  UserFieldsFragment,
  WhileAwayQuery,
} from '../generated/operations.ts';

/** What happened to one request, or a send-back that is addressed to the user. */
export interface InboxItem {
  /** Names it among all items. */
  readonly key: string;
  readonly kind: 'request' | 'sendback';
  /** The id of the request; of a send-back, that of the request that was sent back. */
  readonly requestId: string;
  /** What others did, in order, each once: `APPROVED`, `ISSUED`, … */
  readonly actions: readonly string[];
  /** How many events. */
  readonly events: number;
  /** `null`: it is new, or nobody knows any more. */
  readonly statusBefore: string | null;
  readonly statusNow: string | null;
  readonly requestType: string | null;
  /** Whether the user made the request. */
  readonly isOwnRequest: boolean;
  /** Why it was sent back. */
  readonly reason: string | null;
  /** Who did the last of it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** When the last of it happened, by the clock of the DMS, in Unix milliseconds. */
  readonly lastAt: number;
  readonly isNew: boolean;
}

/** An item, with the ids of its events: one set for all states of an item, which grows. */
export interface KnownItem extends InboxItem {
  readonly eventIds: Set<string>;
}

/** An event that came live. */
export interface InboxEvent {
  readonly kind: InboxItem['kind'];
  readonly entityId: string;
  readonly id: string;
  readonly action: string;
  readonly occurredAt: string;
  readonly actor: UserFieldsFragment | null;
  readonly about: Pick<InboxItem, 'requestId' | 'statusNow' | 'requestType' | 'reason'> & {
    readonly createdById: string | null;
  };
}

/** Whose inbox it is. */
export interface InboxOwner {
  readonly id: string;
  /** The inbox is of all units: then nothing moves out of it. */
  readonly isOfAllUnits: boolean;
}

export type AwayLine = WhileAwayQuery['whileAway']['lines'][number];

const ARRIVALS: ReadonlySet<string> = new Set(['CREATED', 'MOVED_IN']);

export const requestEvent = ({
  id,
  action,
  occurredAt,
  actor,
  request,
}: RequestUpdatedSubscription['requestUpdated']): InboxEvent => ({
  kind: 'request',
  entityId: request.id,
  id,
  action,
  occurredAt,
  actor,
  about: {
    requestId: request.id,
    statusNow: request.status,
    requestType: request.requestType,
    reason: null,
    createdById: request.createdBy?.id ?? null,
  },
});

export const sendBackEvent = ({
  id,
  action,
  occurredAt,
  actor,
  sendBack,
}: SendBackCreatedSubscription['sendBackCreated']): InboxEvent => ({
  kind: 'sendback',
  entityId: sendBack.id,
  id,
  action,
  occurredAt,
  actor,
  about: {
    requestId: sendBack.requestId ?? sendBack.request?.id ?? '',
    statusNow: null,
    requestType: sendBack.request?.requestType ?? null,
    reason: sendBack.reason,
    createdById: null,
  },
});

/** The items of an inbox by their keys. An event that comes live costs the same however many came before it. */
export interface InboxFold {
  add(event: InboxEvent): void;
  /** The same array until an event is added. */
  items(): readonly KnownItem[];
}

/**
 * Begins with what the server has folded; then what came live is added, as far as the server did not know it. What the user did is
 * no news. Send-backs come first, and of equal ones the last changed.
 */
export function createInboxFold(lines: readonly AwayLine[], owner: InboxOwner): InboxFold {
  const byKey = new Map<string, KnownItem>();
  let sorted: readonly KnownItem[] | undefined;
  for (const line of lines) {
    const item = fromLine(line, owner);
    if (item !== undefined) byKey.set(item.key, item);
  }
  return {
    add(event) {
      const key = keyOf(event.kind, event.entityId);
      const next = addEvent(byKey.get(key), event, owner);
      if (next === undefined) byKey.delete(key);
      else byKey.set(key, next);
      sorted = undefined;
    },
    items() {
      sorted ??= [...withoutEchoes([...byKey.values()].filter(({ events }) => events > 0))].sort(compare);
      return sorted;
    },
  };
}

/** The items after all these events. */
export function foldInbox(
  lines: readonly AwayLine[],
  live: readonly InboxEvent[],
  owner: InboxOwner,
): readonly KnownItem[] {
  const fold = createInboxFold(lines, owner);
  for (const event of live) fold.add(event);
  return fold.items();
}

/**
 * The items that changed after `from`, up to `to`.
 * @param known what changed in that time still has when it changes again later: only the last time stands in an item.
 */
export const changedBetween = <Item extends InboxItem>(
  items: readonly Item[],
  from: number,
  to: number,
  known: ReadonlySet<string>,
): readonly Item[] => items.filter(({ key, lastAt }) => lastAt > from && (lastAt <= to || known.has(key)));

function compare(one: InboxItem, other: InboxItem): number {
  if (one.kind !== other.kind) return one.kind === 'sendback' ? -1 : 1;
  return other.lastAt - one.lastAt;
}

const keyOf = (kind: string, id: string): string => `${kind}:${id}`;

function fromLine(line: AwayLine, owner: InboxOwner): KnownItem | undefined {
  const { kind, entityId, request, sendBack } = line;
  if (kind !== 'request' && !(kind === 'sendback' && line.isMine)) return undefined;
  return {
    key: keyOf(kind, entityId),
    kind,
    requestId: kind === 'request' ? entityId : (sendBack?.requestId ?? ''),
    actions: line.actions,
    events: line.events,
    statusBefore: line.statusBefore,
    statusNow: line.statusNow,
    requestType: request?.requestType ?? null,
    isOwnRequest: request?.createdBy?.id === owner.id,
    reason: sendBack?.reason ?? null,
    actor: line.actor,
    lastAt: Date.parse(line.lastAt),
    isNew: line.isNew,
    eventIds: new Set(line.eventIds),
  };
}

const NOTHING_YET: Pick<KnownItem, 'actions' | 'events' | 'statusBefore' | 'isNew' | 'actor'> = {
  actions: [],
  events: 0,
  statusBefore: null,
  isNew: false,
  actor: null,
};

/** @returns `undefined`: there is nothing to show of it any more. */
function addEvent(
  before: KnownItem | undefined,
  event: InboxEvent,
  owner: InboxOwner,
): KnownItem | undefined {
  const { action, actor, about } = event;
  if (before?.eventIds.has(event.id)) return before;
  if (action === 'MOVED_OUT' && !owner.isOfAllUnits) return undefined;
  const at = Date.parse(event.occurredAt);
  const { createdById, ...shown } = about;
  const isOwn = actor?.id === owner.id;
  // An event of one's own that the server has folded is not among the ids of a line.
  if (isOwn && before !== undefined && at < before.lastAt) return before;
  const known = before ?? { ...NOTHING_YET, lastAt: at, eventIds: new Set<string>() };
  const state = {
    key: keyOf(event.kind, event.entityId),
    kind: event.kind,
    ...shown,
    isOwnRequest: createdById === owner.id,
  };
  if (isOwn) return { ...known, ...state };
  return {
    ...known,
    ...state,
    actions: known.actions.includes(action) ? known.actions : [...known.actions, action],
    events: known.events + 1,
    isNew: known.isNew || ARRIVALS.has(action),
    actor,
    lastAt: Math.max(known.lastAt, at),
    eventIds: known.eventIds.add(event.id),
  };
}

/** Of a request that was sent back to the user the send-back is enough, unless more happened to it. */
function withoutEchoes(items: readonly KnownItem[]): readonly KnownItem[] {
  const sentBack = new Set(items.filter(({ kind }) => kind === 'sendback').map(({ requestId }) => requestId));
  return items.filter(
    ({ kind, requestId, actions }) =>
      kind === 'sendback' || !sentBack.has(requestId) || actions.some((action) => action !== 'SENT_BACK'),
  );
}
