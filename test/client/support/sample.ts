/** Entities as events contain them, and as rows of the DMS's REST API. */
import fc from 'fast-check';
import {
  CRATE,
  CRATE_STATUS,
  DASHBOARD_KPIS,
  DOCUMENT,
  REQUEST,
  REQUEST_STATUS,
  REQUEST_TYPE,
  STORAGE_LOCATION,
} from '../../../client/src/generated/shapes.ts';
import type {
  CrateFieldsFragment,
  DashboardKpisFieldsFragment,
  DocumentFieldsFragment,
  RequestFieldsFragment,
  StorageLocationFieldsFragment,
  UserFieldsFragment,
} from '../../../client/src/index.ts';

/** `null` for every field of a shape. So a field that is added to the schema needs no line here. */
function nulls<Fields extends object>(shape: Fields): Readonly<Record<keyof Fields, null>> {
  const entries = Object.keys(shape).map((name) => [name, null]);
  return Object.fromEntries(entries) as Record<keyof Fields, null>; // these are its keys
}

const user = ({ id, name, role }: { id: number; name: string; role: string }): UserFieldsFragment => ({
  id: String(id),
  name,
  role,
});

const storage = (changes: Partial<StorageLocationFieldsFragment> = {}): StorageLocationFieldsFragment => ({
  ...nulls(STORAGE_LOCATION),
  id: '70',
  unitId: '5',
  roomName: 'R1',
  rackName: 'A',
  compartmentName: '2',
  shelfName: '3',
  ...changes,
});

const document = (changes: Partial<DocumentFieldsFragment> = {}): DocumentFieldsFragment => ({
  ...nulls(DOCUMENT),
  id: '1',
  documentName: 'Contract',
  documentNumber: 'C-1',
  ...changes,
});

const crate = (changes: Partial<CrateFieldsFragment> = {}): CrateFieldsFragment => ({
  ...nulls(CRATE),
  id: '301',
  status: 'ACTIVE',
  unitId: '5',
  storage: storage(),
  documents: [document()],
  ...changes,
});

const request = (changes: Partial<RequestFieldsFragment> = {}): RequestFieldsFragment => ({
  ...nulls(REQUEST),
  id: '4821',
  requestType: 'WITHDRAWAL',
  status: 'PENDING',
  unitId: '5',
  crate: crate(),
  createdBy: user({ id: 17, name: 'Ada', role: 'Section Head' }),
  ...changes,
});

const kpis = (changes: Partial<DashboardKpisFieldsFragment> = {}): DashboardKpisFieldsFragment => ({
  ...nulls(DASHBOARD_KPIS),
  id: 'snapshot',
  unitId: '5',
  ...changes,
});

const someone = fc
  .record({
    id: fc.integer({ min: 1, max: 4 }),
    name: fc.constantFrom('Ada', 'Omar'),
    role: fc.constant('QC'),
  })
  .map(user);
const moment = fc
  .integer({ min: 0, max: 3 })
  .map((hour) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString());
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { freq: 3 });

const anyCrate = fc
  .record({
    id: fc.constantFrom('301', '302'),
    status: fc.constantFrom(...CRATE_STATUS),
    storage: maybe(
      fc.record({ id: fc.constantFrom('70', '71'), rackName: fc.constantFrom('A', 'B') }).map(storage),
    ),
    destructionDate: maybe(moment),
    documents: fc.uniqueArray(fc.record({ id: fc.constantFrom('1', '2', '3') }).map(document), {
      maxLength: 2,
      selector: ({ id }) => id,
    }),
  })
  .map(crate);

const anyRequest: fc.Arbitrary<RequestFieldsFragment> = fc
  .record({
    requestType: fc.constantFrom(...REQUEST_TYPE),
    status: fc.constantFrom(...REQUEST_STATUS),
    crate: maybe(anyCrate),
    createdBy: someone,
    approvedBy: maybe(someone),
    issuedBy: maybe(someone),
    createdAt: moment,
    approvalDate: maybe(moment),
    expectedReturnDate: maybe(moment),
  })
  .map(request);

const words = (value: string): string =>
  value
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ');

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The REST API row of an entity: snake_case, numeric ids, and the DMS's words. */
function restRow(entity: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entity).map(([name, value]: [string, unknown]) => [snake(name), restValue(name, value)]),
  );
}

function restValue(name: string, value: unknown): unknown {
  if (name === 'id' || name === 'unitId') return value === null ? null : Number(value);
  if (name === 'status' || name === 'requestType') return words(String(value));
  if (Array.isArray(value)) return value.map((item: object) => restRow(item));
  return typeof value === 'object' && value !== null ? restRow(value) : value;
}

export const sample = {
  user,
  storage,
  document,
  crate,
  request,
  kpis,
  anyRequest,
  anyCrate,
  restRow,
};
