import { CRATE_STATUSES, REQUEST_STATUSES, REQUEST_TYPES } from './words.ts';

/** What a field of an event holds, and so how it is written into a row. */
export type Field =
  | { readonly is: 'id' | 'text' | 'date' | 'number'; readonly isConstant?: true }
  | { readonly is: 'word'; readonly words: readonly string[] }
  | { readonly is: 'entity'; readonly shape: Shape; readonly isConstant?: true }
  | { readonly is: 'entities'; readonly shape: Shape }
  /** Counts by word: `[{ status, count }]`. */
  | { readonly is: 'counts'; readonly by: string; readonly words: readonly string[] };

/** The fields of an entity as events name them. `isConstant`: set once and for all, so that `null` can only mean "not told". */
export type Shape = Readonly<Record<string, Field>>;

const id = { is: 'id' } as const;
const text = { is: 'text' } as const;
const date = { is: 'date' } as const;
const number = { is: 'number' } as const;

const USER: Shape = { id, name: text, role: text };
const user = { is: 'entity', shape: USER } as const;

export const STORAGE: Shape = {
  id,
  unitId: id,
  roomName: text,
  rackName: text,
  compartmentName: text,
  shelfName: text,
};

const DOCUMENT: Shape = {
  id,
  unitId: id,
  documentName: text,
  documentNumber: text,
  documentType: text,
  description: text,
};

export const CRATE: Shape = {
  id,
  status: { is: 'word', words: CRATE_STATUSES },
  unitId: id,
  storage: { is: 'entity', shape: STORAGE },
  destructionDate: date,
  documents: { is: 'entities', shape: DOCUMENT },
};

export const REQUEST: Shape = {
  id,
  requestType: { is: 'word', words: REQUEST_TYPES },
  status: { is: 'word', words: REQUEST_STATUSES },
  unitId: id,
  crate: { is: 'entity', shape: CRATE },
  createdBy: { ...user, isConstant: true },
  approvedBy: user,
  allocatedBy: user,
  withdrawnBy: user,
  issuedBy: user,
  createdAt: { ...date, isConstant: true },
  approvalDate: date,
  allocationDate: date,
  issueDate: date,
  returnDate: date,
  expectedReturnDate: date,
};

export const AUDIT_ENTRY: Shape = {
  id,
  unitId: id,
  action: text,
  objectType: text,
  objectId: id,
  user,
  at: date,
};

/** Without `id`, which names the snapshot and not the row. */
export const KPIS: Shape = {
  unitId: id,
  computedAt: date,
  requestsByStatus: { is: 'counts', by: 'status', words: REQUEST_STATUSES },
  requestsByType: { is: 'counts', by: 'requestType', words: REQUEST_TYPES },
  overdueWithdrawals: number,
  pendingApprovals: number,
  cratesByStatus: { is: 'counts', by: 'status', words: CRATE_STATUSES },
};

/** Other names that rows have for a field. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { unitId: ['unit'], requestType: ['type'] };

/** What a row calls a field: as the event does, in snake_case, or by an alias; `undefined` if it has no such field. */
export function keyIn(row: object, name: string): string | undefined {
  const names = [name, toSnakeCase(name), ...(ALIASES[name] ?? [])];
  return names.find((candidate) => Object.hasOwn(row, candidate));
}

/** `requestType` → `request_type` */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
