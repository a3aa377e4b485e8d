import type { EventOf } from 'dms-live/publisher';
import type { UnitId } from './users.ts';

/** Entities as events carry them, so that the compiler ties the model to the event contract. */
export type Request = EventOf<'request'>['request'];
export type Crate = EventOf<'crate'>['crate'];
export type Location = EventOf<'storage'>['locations'][number];
export type User = NonNullable<Request['createdBy']>;

/** The DMS's tables: rows that name each other by id. */
export type CrateRecord = Omit<Crate, 'storage' | 'unitId'> & {
  readonly unitId: UnitId;
  readonly storageId: string | null;
};
export type LocationRecord = Omit<Location, 'unitId'> & { readonly unitId: UnitId };
export type RequestRecord = Omit<Request, 'crate' | 'unitId' | 'createdBy'> & {
  readonly unitId: UnitId;
  readonly crateId: string;
  readonly createdBy: User;
};

/** Why a request went back to its creator. */
export interface SendBackRecord {
  readonly id: string;
  readonly reason: string;
  readonly sendbackType: string;
  readonly createdBy: User;
  readonly createdAt: string;
}

export type AuditEntry = EventOf<'audit'>['entry'];

/** Finished requests that a unit remembers, and counts in its KPIs. */
const FINISHED_KEPT = 20;
const AUDIT_ENTRIES_KEPT = 500;
/** Of each request. */
const SEND_BACKS_KEPT = 20;

export interface Records {
  readonly requests: ReadonlyMap<string, RequestRecord>;
  readonly crates: ReadonlyMap<string, CrateRecord>;
  readonly locations: ReadonlyMap<string, LocationRecord>;
  saveRequest(request: RequestRecord): RequestRecord;
  saveCrate(crate: CrateRecord): CrateRecord;
  saveLocation(location: LocationRecord): LocationRecord;
  saveSendBack(requestId: string, sendBack: SendBackRecord): SendBackRecord;
  /** Of one request; the newest first. */
  sendBacksOf(requestId: string): readonly SendBackRecord[];
  /** The newest last; the oldest are forgotten. */
  readonly auditEntries: readonly AuditEntry[];
  saveAuditEntry(entry: AuditEntry): AuditEntry;
  /** A visitor's own crate or location: the simulated colleagues leave it alone. */
  reserve(id: string): void;
  isReserved(row: { readonly id: string }): boolean;
  deleteCrate(id: string): void;
  deleteLocation(id: string): void;
  openRequests(unitId: UnitId): RequestRecord[];
  cratesOf(unitId: UnitId): CrateRecord[];
  locationsOf(unitId: UnitId): LocationRecord[];
  /** The request under way about a crate. */
  openRequestFor(crateId: string): RequestRecord | undefined;
  isOccupied(locationId: string): boolean;
  /** A row with the rows it names, as an event carries it. */
  wholeRequest(request: RequestRecord): Request;
  wholeCrate(crate: CrateRecord): Crate;
}

export function isFinished({ status }: Pick<Request, 'status'>): boolean {
  return status === 'COMPLETED' || status === 'REJECTED';
}

/** The DMS's memory. Whatever is finished is forgotten in the end, so it stays small however long it runs. */
export function createRecords(): Records {
  const requests = new Map<string, RequestRecord>();
  const crates = new Map<string, CrateRecord>();
  const locations = new Map<string, LocationRecord>();
  const sendBacks = new Map<string, readonly SendBackRecord[]>();
  const auditEntries: AuditEntry[] = [];
  const reserved = new Set<string>();

  function forgetOldRequests(unitId: UnitId): void {
    const finished = [...requests.values()].filter((old) => old.unitId === unitId && isFinished(old));
    for (const { id } of finished.slice(0, -FINISHED_KEPT)) {
      requests.delete(id);
      sendBacks.delete(id);
    }
  }

  function wholeCrate({ storageId, ...crate }: CrateRecord): Crate {
    return { ...crate, storage: (storageId !== null && locations.get(storageId)) || null };
  }

  return {
    requests,
    crates,
    locations,
    saveRequest(request) {
      if (isFinished(request)) requests.delete(request.id); // to the end: forgotten in the order of finishing
      requests.set(request.id, request);
      forgetOldRequests(request.unitId);
      return request;
    },
    saveCrate(crate) {
      crates.set(crate.id, crate);
      return crate;
    },
    saveLocation(location) {
      locations.set(location.id, location);
      return location;
    },
    saveSendBack(requestId, sendBack) {
      sendBacks.set(requestId, [sendBack, ...(sendBacks.get(requestId) ?? [])].slice(0, SEND_BACKS_KEPT));
      return sendBack;
    },
    sendBacksOf: (requestId) => sendBacks.get(requestId) ?? [],
    auditEntries,
    saveAuditEntry(entry) {
      auditEntries.push(entry);
      if (auditEntries.length > AUDIT_ENTRIES_KEPT) auditEntries.shift();
      return entry;
    },
    reserve: (id) => void reserved.add(id),
    isReserved: ({ id }) => reserved.has(id),
    deleteCrate(id) {
      crates.delete(id);
      reserved.delete(id);
    },
    deleteLocation(id) {
      locations.delete(id);
      reserved.delete(id);
    },
    openRequests: (unitId) =>
      [...requests.values()].filter((request) => request.unitId === unitId && !isFinished(request)),
    cratesOf: (unitId) => [...crates.values()].filter((crate) => crate.unitId === unitId),
    locationsOf: (unitId) => [...locations.values()].filter((location) => location.unitId === unitId),
    openRequestFor: (crateId) =>
      [...requests.values()].find((request) => request.crateId === crateId && !isFinished(request)),
    isOccupied: (locationId) => [...crates.values()].some((crate) => crate.storageId === locationId),
    wholeRequest({ crateId, ...request }) {
      const crate = crates.get(crateId);
      return { ...request, crate: crate === undefined ? null : wholeCrate(crate) };
    },
    wholeCrate,
  };
}
