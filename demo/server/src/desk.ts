import type { Channel, EventKind, EventOf, Publishable } from 'dms-live/publisher';
import { type AuditedRow, userOf, writeEntry } from './audit-entry.ts';
import { changesOf } from './changes.ts';
import type { Random } from './random.ts';
import type { CrateRecord, LocationRecord, Records, RequestRecord, User } from './records.ts';
import type { UnitId } from './users.ts';

/** Something to publish. */
export interface Message {
  readonly topic: Channel;
  readonly event: Publishable<EventKind>;
}

type ActionOf<Kind extends 'request' | 'crate' | 'storage' | 'sendback'> = EventOf<Kind>['action'];
type Actor = User;

/** Where work is done: every change goes through here, which publishes it and writes it into the audit trail. */
export interface Desk {
  readonly records: Records;
  readonly random: Random;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly time: () => string;
  /** The id of a new row. */
  newId(): string;
  /** @param reason for the audit trail. */
  request(
    action: ActionOf<'request'>,
    actor: Actor,
    after: RequestRecord,
    before?: RequestRecord,
    reason?: string,
  ): RequestRecord;
  crate(action: ActionOf<'crate'>, actor: Actor, after: CrateRecord, before?: CrateRecord): CrateRecord;
  locations(action: ActionOf<'storage'>, actor: Actor, rows: readonly LocationRecord[]): void;
  sendBack(action: ActionOf<'sendback'>, actor: Actor, request: RequestRecord, why: Why): void;
  /**
   * Writes into the trails of units that they were exported.
   * @param notes what was exported.
   */
  exported(actor: Actor, unitIds: readonly UnitId[], notes: Readonly<Record<string, unknown>>): void;
  /** Publishes an event that is nobody's action. */
  publish<Kind extends EventKind>(topic: Channel & { readonly kind: Kind }, event: Publishable<Kind>): void;
  newEventId(): string;
  /** The messages to publish since the last call. */
  take(): Message[];
  /** The version of the last event: what is read now knows all events up to it. */
  version(): number;
}

export interface Why {
  readonly reason: string;
  readonly sendbackType: string;
}

export interface DeskOptions {
  readonly records: Records;
  readonly random: Random;
  readonly now: () => number;
  /** Starts each event's id; one run's must differ from every other's. */
  readonly eventIdPrefix: string;
}

/** How many locations fit into an event, with names in any alphabet. */
const MOST_IN_EVENT = 150;

function inParts<Row>(rows: readonly Row[]): Row[][] {
  const count = Math.ceil(rows.length / MOST_IN_EVENT);
  return Array.from({ length: count }, (_, part) =>
    rows.slice(part * MOST_IN_EVENT, (part + 1) * MOST_IN_EVENT),
  );
}

/** The version of an event is always larger than the last one, also if the server is started again. */
function createVersions(now: () => number) {
  let last = 0;
  return {
    get last() {
      return last;
    },
    next(): number {
      last = Math.max(last + 1, now() * 1000);
      return last;
    },
  };
}

export function createDesk({ records, random, now, eventIdPrefix }: DeskOptions): Desk {
  const outgoing: Message[] = [];
  let rows = 1000;
  let events = 0;
  const time = (): string => new Date(now()).toISOString();
  const newId = (): string => String(++rows);
  const newEventId = (): string => `${eventIdPrefix}-${++events}`;
  const versions = createVersions(now);
  const happened = (actor: Actor) => {
    return { id: newEventId(), version: versions.next(), occurredAt: time(), actor: userOf(actor) };
  };

  const publish: Desk['publish'] = (topic, event) => {
    outgoing.push({ topic, event });
  };

  const audit = (unitId: UnitId, actor: Actor, action: string, row: AuditedRow): void => {
    const entry = writeEntry({ id: newId(), at: time(), unitId, actor, action, row });
    records.saveAuditEntry(entry);
    publish({ kind: 'audit', unitId }, { ...happened(actor), action: entry.action, entry });
  };

  return {
    records,
    random,
    now,
    time,
    newId,
    newEventId,
    publish,
    request(action, actor, after, before, reason) {
      records.history.note(now(), records.requests.get(after.id), after);
      records.saveRequest(after);
      const { unitId } = after;
      const request = records.wholeRequest(after);
      publish({ kind: 'request', unitId }, { ...happened(actor), action, request });
      const changes = changesOf(before, after, records);
      audit(unitId, actor, action, {
        type: 'Request',
        id: after.id,
        changes: reason === undefined ? changes : { ...changes, reason },
      });
      return after;
    },
    crate(action, actor, after, before) {
      if (action === 'DELETED') records.deleteCrate(after.id);
      else records.saveCrate(after);
      const { unitId } = after;
      const crate = records.wholeCrate(after);
      publish({ kind: 'crate', unitId }, { ...happened(actor), action, crate });
      audit(unitId, actor, action, {
        type: 'Crate',
        id: after.id,
        changes: changesOf(before, after, records),
      });
      return after;
    },
    locations(action, actor, rows) {
      const before = action === 'DELETED' ? undefined : records.locations.get(rows[0]?.id ?? '');
      for (const row of rows) {
        if (action === 'DELETED') records.deleteLocation(row.id);
        else records.saveLocation(row);
      }
      const [first] = rows;
      if (first === undefined) return;
      const { unitId } = first;
      for (const locations of inParts(rows))
        publish({ kind: 'storage', unitId }, { ...happened(actor), action, locations });
      const ids = rows.map(({ id }) => id);
      const changes = rows.length > 1 ? { locations: ids } : changesOf(before, first, records);
      audit(unitId, actor, action, { type: 'Storage', id: first.id, changes });
    },
    sendBack(action, actor, request, why) {
      const { unitId, createdBy } = request;
      const saved = records.saveSendBack(request.id, {
        id: newId(),
        ...why,
        createdBy: userOf(actor),
        createdAt: time(),
      });
      const sendBack = {
        id: saved.id,
        unitId,
        ...why,
        createdBy: saved.createdBy,
        requestId: request.id,
        request: records.wholeRequest(request),
      };
      const event = { ...happened(actor), action, sendBack };
      publish({ kind: 'sendback', unitId }, event);
      publish({ kind: 'sendback', userId: createdBy.id }, event);
    },
    exported(actor, unitIds, changes) {
      for (const id of unitIds)
        audit(id, actor, 'EXPORTED', { type: 'Unit', name: 'Audit trail', id, changes });
    },
    take: () => outgoing.splice(0),
    version: () => versions.last,
  };
}
