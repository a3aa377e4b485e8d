/** The work of people in the demo, through its REST API. This is faster than through a page. */
import type { Data } from '../../support/clients.ts';
import { SIGNED, type Visitor } from '../../support/demo.ts';

export async function newCrate(visitor: Visitor): Promise<string> {
  const paper = { document_name: 'Leases', document_number: 'L-1', document_type: 'Contract' };
  return (await visitor.post('/crates/', { documents: [paper] })).body['id'];
}

/** A new place in the store of unit 1, by a System Admin. */
export async function newPlace(admin: Visitor): Promise<string> {
  const names = { room_name: 'Cellar', rack_name: 'R', compartment_name: 'C', shelf_name: 'S' };
  return (await admin.post('/storage/', { ...names, unit_id: '1' })).body['id'];
}

/** Creates a request for the storage of a new crate. */
export async function makeRequest(visitor: Visitor): Promise<string> {
  const { status, body } = await visitor.post('/requests/storage/', { crate: await newCrate(visitor) });
  if (status !== 201) throw new Error(`no request was made: ${body['detail']}`);
  return body['id'];
}

export async function makeRequests(visitor: Visitor, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(await makeRequest(visitor));
  return ids;
}

export async function approve(visitor: Visitor, id: string): Promise<Data> {
  const { status, body } = await visitor.post(`/requests/${id}/approve/`, SIGNED);
  if (status !== 200) throw new Error(`request ${id} was not approved: ${body['detail']}`);
  return body;
}

export async function sendBack(visitor: Visitor, id: string, reason: string): Promise<void> {
  const why = { ...SIGNED, reason, sendback_type: 'Correction' };
  const { status, body } = await visitor.post(`/requests/${id}/send-back/`, why);
  if (status !== 200) throw new Error(`request ${id} was not sent back: ${body['detail']}`);
}

/** Converts a row of the REST API into an event's entity: only the names of the fields differ. */
export function entityOf(row: Data): Data {
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return typeof value === 'object' && value !== null ? entityOf(value) : value;
  };
  const camelCase = (field: string): string =>
    field.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [camelCase(field), inner(value)]));
}
