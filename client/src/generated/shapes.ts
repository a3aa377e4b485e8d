/* Generated from schema.graphql by npm run generate. */
import type { ShapeOf } from '../query/shapes.ts';
import type * as Operations from './operations.ts';

const id = { is: 'id' } as const;
const text = { is: 'text' } as const;
const date = { is: 'date' } as const;
const number = { is: 'number' } as const;

export const REQUEST_TYPE = ['STORAGE', 'WITHDRAWAL', 'DESTRUCTION'] as const satisfies readonly Operations.RequestType[];
export const REQUEST_STATUS = ['PENDING', 'SENT_BACK', 'APPROVED', 'ISSUED', 'RETURNED', 'REJECTED', 'COMPLETED'] as const satisfies readonly Operations.RequestStatus[];
export const CRATE_STATUS = ['ACTIVE', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED'] as const satisfies readonly Operations.CrateStatus[];

/** The words that a filter in a query key may have, by the name of its field. */
export const WORDS_BY_FIELD: Readonly<Record<string, readonly string[]>> = {
  requestType: [...REQUEST_TYPE],
  status: [...REQUEST_STATUS, ...CRATE_STATUS],
};

export const STORAGE_LOCATION = {
  id: id,
  unitId: id,
  roomName: text,
  rackName: text,
  compartmentName: text,
  shelfName: text,
} satisfies ShapeOf<Operations.StorageLocationFieldsFragment>;

export const DOCUMENT = {
  id: id,
  unitId: id,
  documentName: text,
  documentNumber: text,
  documentType: text,
  description: text,
} satisfies ShapeOf<Operations.DocumentFieldsFragment>;

export const CRATE = {
  id: id,
  status: { is: 'word', words: CRATE_STATUS },
  unitId: id,
  storage: { is: 'entity', shape: STORAGE_LOCATION },
  destructionDate: date,
  documents: { is: 'entities', shape: DOCUMENT },
} satisfies ShapeOf<Operations.CrateFieldsFragment>;

export const USER = {
  id: id,
  name: text,
  role: text,
} satisfies ShapeOf<Operations.UserFieldsFragment>;

export const REQUEST = {
  id: id,
  requestType: { is: 'word', words: REQUEST_TYPE },
  status: { is: 'word', words: REQUEST_STATUS },
  unitId: id,
  crate: { is: 'entity', shape: CRATE },
  createdBy: { is: 'entity', shape: USER, isSetOnce: true },
  approvedBy: { is: 'entity', shape: USER },
  allocatedBy: { is: 'entity', shape: USER },
  withdrawnBy: { is: 'entity', shape: USER },
  issuedBy: { is: 'entity', shape: USER },
  createdAt: { ...date, isSetOnce: true },
  approvalDate: date,
  allocationDate: date,
  issueDate: date,
  returnDate: date,
  expectedReturnDate: date,
} satisfies ShapeOf<Operations.RequestFieldsFragment>;

export const SEND_BACK = {
  id: id,
  unitId: id,
  reason: text,
  sendbackType: text,
  createdBy: { is: 'entity', shape: USER },
  requestId: id,
  request: { is: 'entity', shape: REQUEST },
} satisfies ShapeOf<Operations.SendBackFieldsFragment>;

export const AUDIT_ENTRY = {
  id: id,
  unitId: id,
  action: text,
  objectType: text,
  objectId: id,
  user: { is: 'entity', shape: USER },
  at: date,
} satisfies ShapeOf<Operations.AuditEntryFieldsFragment>;

export const DASHBOARD_KPIS = {
  unitId: id,
  computedAt: date,
  requestsByStatus: { is: 'counts', by: 'status', words: REQUEST_STATUS },
  requestsByType: { is: 'counts', by: 'requestType', words: REQUEST_TYPE },
  overdueWithdrawals: number,
  pendingApprovals: number,
  cratesByStatus: { is: 'counts', by: 'status', words: CRATE_STATUS },
} satisfies ShapeOf<Omit<Operations.DashboardKpisFieldsFragment, 'id'>>;
