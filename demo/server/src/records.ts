import type { EventOf } from 'dms-live/publisher';
import { createHistory, type History } from './history.ts';
import type { UnitId } from './users.ts';

type FullRequest = EventOf<'request'>['request'];
type FullCrate = EventOf<'crate'>['crate'];
type FullEntry = EventOf<'audit'>['entry'];

/**
 * Entities as events carry them, so that the compiler ties the model to the event contract. Each has the fields that this DMS
 * knows, as a real one has its columns: a field that is added to the contract is left out of its events.
 */
export type User = Pick<NonNullable<FullRequest['createdBy']>, 'id' | 'name' | 'role'>;
export type Location = Pick<
  EventOf<'storage'>['locations'][number],
  'id' | 'unitId' | 'roomName' | 'rackName' | 'compartmentName' | 'shelfName'
>;
type Document = Pick<
  NonNullable<FullCrate['documents']>[number],
  'id' | 'unitId' | 'documentName' | 'documentNumber' | 'documentType' | 'description'
>;
export type Crate = Pick<FullCrate, 'id' | 'status' | 'unitId' | 'destructionDate'> & {
  readonly storage: Location | null;
  readonly documents: readonly Document[] | null;
};
type Dates =
  | 'createdAt'
  | 'approvalDate'
  | 'allocationDate'
  | 'issueDate'
  | 'returnDate'
  | 'expectedReturnDate';
type People = 'createdBy' | 'approvedBy' | 'allocatedBy' | 'withdrawnBy' | 'issuedBy';
export type Request = Pick<FullRequest, 'id' | 'requestType' | 'status' | 'unitId' | Dates> &
  Readonly<Record<People, User | null>> & { readonly crate: Crate | null };

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

export type AuditEntry = Pick<
  FullEntry,
  'id' | 'unitId' | 'action' | 'objectType' | 'objectId' | 'at' | 'ipAddress' | 'changes'
> & { readonly user: User | null };

/** Finished requests that a unit remembers, and counts in its KPIs. */
const FINISHED_KEPT = 20;
const AUDIT_ENTRIES_KEPT = 10_000;
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
  readonly history: History;
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
    history: createHistory(),
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
