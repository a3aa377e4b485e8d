/** Patching: the event's data are written into the cached row, in the row's own spelling, and nothing else changes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CRATE,
  DASHBOARD_KPIS as KPIS,
  REQUEST,
  STORAGE_LOCATION as STORAGE,
} from '../../client/src/generated/shapes.ts';
import { patchEntity } from '../../client/src/query/patch-entity.ts';
import { sample } from './support/sample.ts';

const ada = { id: 17, name: 'Ada', role: 'Section Head' };
const omar = { id: 21, name: 'Omar', role: 'Store Head' };

/** A row as the DMS's REST API writes it. */
const row = (changes: Record<string, unknown> = {}) => ({
  id: 4821,
  request_type: 'Withdrawal',
  status: 'Pending',
  unit_id: 5,
  crate: {
    id: 301,
    status: 'Active',
    unit_id: 5,
    storage: { id: 70, unit_id: 5, room_name: 'R1', rack_name: 'A', compartment_name: '2', shelf_name: '3' },
    destruction_date: '2030-01-01',
    documents: [{ id: 1, document_name: 'Contract', document_number: 'C-1' }],
  },
  created_by: ada,
  approved_by: null,
  created_at: '2026-11-20T08:00:00.123456Z',
  approval_date: null,
  expected_return_date: '2026-12-24',
  ...changes,
});

/** The same request as in an event. */
const same = {
  id: '4821',
  status: 'PENDING',
  crate: sample.crate({ id: '301', destructionDate: '2030-01-01' }),
  createdAt: '2026-11-20T08:00:00.123Z',
  expectedReturnDate: '2026-12-24',
} as const;

describe('a row', () => {
  test('that has all the event’s data stays the same object', () => {
    const before = row();
    expect(patchEntity(before, sample.request(same), REQUEST)).toEqual({ value: before, isSure: true });
    expect(patchEntity(before, sample.request(same), REQUEST).value).toBe(before);
  });

  test('is patched in its own spelling, and unchanged parts stay the same objects', () => {
    const before = row();
    const event = sample.request({
      ...same,
      status: 'SENT_BACK',
      approvedBy: sample.user(omar),
      approvalDate: '2026-11-22T09:30:00Z',
    });
    const { value, isSure } = patchEntity(before, event, REQUEST);
    expect(value).toEqual({
      ...before,
      status: 'Sent Back',
      approved_by: omar,
      approval_date: '2026-11-22T09:30:00Z',
    });
    expect(value['crate']).toBe(before.crate);
    expect(isSure).toBe(true);
  });

  test('in camelCase, with text ids and GraphQL enum values is patched too', () => {
    const before = {
      id: '4821',
      requestType: 'WITHDRAWAL',
      status: 'PENDING',
      unitId: '5',
      approvedBy: null,
    };
    const { value } = patchEntity(before, sample.request({ ...same, status: 'SENT_BACK' }), REQUEST);
    expect(value).toEqual({ ...before, status: 'SENT_BACK' });
  });

  test('gets no new fields', () => {
    const before = { id: 4821, status: 'Pending' };
    const { value } = patchEntity(before, sample.request({ ...same, status: 'ISSUED' }), REQUEST);
    expect(value).toEqual({ id: 4821, status: 'Issued' });
  });

  test.each([
    ['Pending', 'Sent Back'],
    ['pending', 'sent_back'],
    ['PENDING', 'SENT_BACK'],
    ['sent-back', 'sent-back'],
  ])('with the status %j is patched with %j', (status, expected) => {
    const { value, isSure } = patchEntity({ status }, sample.request({ status: 'SENT_BACK' }), REQUEST);
    expect(value).toEqual({ status: expected });
    expect(isSure).toBe(true);
  });

  test.each([
    ['a status as a code', { status: 'P' }],
    ['a unit as an object', { unit: { id: 7, name: 'Legal' } }],
    ['a day, while the event has an instant', { approval_date: '2026-11-20' }],
    ['a person by name', { approved_by: 'Somebody' }],
    [
      'a person with more fields than in the event',
      { approved_by: { id: 9, name: 'Noor', email: 'noor@dms' } },
    ],
    ['no person yet, and no other person that shows the spelling', { approved_by: null }],
  ])('with %s stays as it is, and the result is not sure', (_name, before) => {
    const event = sample.request({ approvedBy: sample.user(omar), approvalDate: '2026-11-22T09:30:00Z' });
    expect(patchEntity(before, event, REQUEST)).toEqual({ value: before, isSure: false });
  });

  test('learns the spelling of an empty field from other rows', () => {
    const event = sample.request({ ...same, approvedBy: sample.user(omar) });
    const byId = patchEntity({ created_by: 17, approved_by: null }, event, REQUEST);
    expect(byId).toEqual({ value: { created_by: 17, approved_by: 21 }, isSure: true });
    const peers = [row({ crate: null }), row()];
    const { value } = patchEntity(row({ crate: null }), event, REQUEST, () => peers);
    expect(value['crate']).toEqual(row().crate);
  });
});

describe('null', () => {
  test('overwrites nothing, and the result is not sure if the row has a value', () => {
    const before = row({ approved_by: omar, approval_date: '2026-11-22T09:30:00Z' });
    expect(patchEntity(before, sample.request(same), REQUEST)).toEqual({ value: before, isSure: false });
  });

  test('is ignored in fields that never change or were not requested', () => {
    const before = row();
    const event = sample.request({ ...same, createdBy: null, createdAt: null });
    expect(patchEntity(before, event, REQUEST)).toEqual({ value: before, isSure: true });
    const approved = row({ approved_by: omar });
    const { approvedBy: _notAsked, ...rest } = event;
    expect(patchEntity(approved, rest, REQUEST)).toEqual({ value: approved, isSure: true });
  });

  test('in a field that the action sets is not sure, if the row has the field', () => {
    const promised = ['approvedBy'];
    const event = sample.request({ ...same, status: 'APPROVED' });
    expect(patchEntity(row(), event, REQUEST, undefined, promised).isSure).toBe(false);
    expect(patchEntity({ id: 4821, status: 'Pending' }, event, REQUEST, undefined, promised).isSure).toBe(
      true,
    );
  });

  test('for the storage of a crate keeps the old one and is not sure: the storage may belong to another unit', () => {
    const before = row().crate;
    const event = sample.crate({ id: '301', destructionDate: '2030-01-01', storage: null });
    expect(patchEntity(before, event, CRATE)).toEqual({ value: before, isSure: false });
  });
});

describe('nested entities', () => {
  test('are patched inside the row', () => {
    const before = row();
    const crate = sample.crate({
      id: '301',
      status: 'WITHDRAWN',
      destructionDate: '2030-01-01',
      storage: sample.storage({ id: '71', roomName: 'R2' }),
    });
    const { value, isSure } = patchEntity(before, sample.request({ ...same, crate }), REQUEST);
    expect(value['crate']).toEqual({
      ...before.crate,
      status: 'Withdrawn',
      storage: { ...before.crate.storage, id: 71, room_name: 'R2' },
    });
    expect(isSure).toBe(true);
  });

  test('in a list are added, changed and removed', () => {
    const before = {
      documents: [
        { id: 1, document_name: 'Contract' },
        { id: 2, document_name: 'Map' },
      ],
    };
    const documents = [sample.document({ id: '2', documentName: 'Plan' }), sample.document({ id: '3' })];
    expect(patchEntity(before, sample.crate({ documents }), CRATE)).toEqual({
      value: {
        documents: [
          { id: 2, document_name: 'Plan' },
          { id: 3, document_name: 'Contract' },
        ],
      },
      isSure: true,
    });
    const none = { documents: [] };
    expect(patchEntity(none, sample.crate({ documents }), CRATE)).toEqual({ value: none, isSure: false });
  });

  test('a location with a number in place of a text is not sure', () => {
    const before = { id: 70, room_name: 1, rack_name: 'A' };
    expect(patchEntity(before, sample.storage({ id: '70', rackName: 'B' }), STORAGE)).toEqual({
      value: { ...before, rack_name: 'B' },
      isSure: false,
    });
  });
});

describe('KPIs', () => {
  const snapshot = sample.kpis({
    pendingApprovals: 4,
    requestsByStatus: [
      { status: 'PENDING', count: 4 },
      { status: 'SENT_BACK', count: 1 },
    ],
  });

  test('are written into a list of counts or an object with counts', () => {
    const list = [
      { status: 'Pending', count: 3 },
      { status: 'Sent Back', count: 1 },
      { status: 'Issued', count: 2 },
    ];
    const { value, isSure } = patchEntity({ pending_approvals: 3, requests_by_status: list }, snapshot, KPIS);
    expect(value).toEqual({
      pending_approvals: 4,
      requests_by_status: [
        { status: 'Pending', count: 4 },
        { status: 'Sent Back', count: 1 },
        { status: 'Issued', count: 0 },
      ],
    });
    expect(isSure).toBe(true);
    expect(patchEntity({ requestsByStatus: { pending: 3, sent_back: 1 } }, snapshot, KPIS)).toEqual({
      value: { requestsByStatus: { pending: 4, sent_back: 1 } },
      isSure: true,
    });
  });

  test.each([
    ['a status that is not in the list', [{ status: 'Pending', count: 4 }]],
    ['an unknown status', { pending: 4, sent_back: 1, late: 2 }],
    ['no numbers', [{ status: 'Pending', label: 'four' }]],
  ])('with %s are not sure', (_name, requests_by_status) => {
    const before = { requests_by_status };
    expect(patchEntity(before, snapshot, KPIS)).toEqual({ value: before, isSure: false });
  });
});

test('patching twice equals patching once, and a row stays as it is if the event has the same data', () => {
  fc.assert(
    fc.property(sample.anyRequest, sample.anyRequest, (before, after) => {
      const patched = patchEntity(sample.restRow(before), { ...after, id: before.id }, REQUEST);
      const again = patchEntity(patched.value, { ...after, id: before.id }, REQUEST);
      expect(again.value).toBe(patched.value);
      const asItIs = sample.restRow(before);
      expect(patchEntity(asItIs, before, REQUEST)).toEqual({ value: asItIs, isSure: true });
    }),
  );
});

test('if patching is sure, its result equals the fetched row', () => {
  fc.assert(
    fc.property(sample.anyRequest, sample.anyRequest, (before, other) => {
      const after = { ...other, id: before.id, createdAt: before.createdAt, createdBy: before.createdBy };
      const patched = patchEntity(sample.restRow(before), after, REQUEST);
      fc.pre(patched.isSure);
      expect(patched.value).toEqual(sample.restRow(after));
    }),
    { numRuns: 1000 },
  );
});
