/** Rows of the REST API, and how tests create their own rows. */
import type { Data } from '../../support/clients.ts';
import { SIGNED, type Visitor } from '../../support/demo.ts';

/** The id of a row as a string: one DMS sends numbers, the other strings. */
export const idOf = ({ id }: Data): string => String(id);
export const unitOf = ({ unit_id: id }: Data): string | null => (id === null ? null : String(id));

export async function listOf(visitor: Visitor, path: string): Promise<Data[]> {
  return (await visitor.get(path)).body['results'];
}

let crates = 1000;

export async function newCrate(visitor: Visitor): Promise<Data> {
  const paper = {
    document_name: 'Leases',
    document_number: `L-${++crates}-Lease`,
    document_type: 'Contract',
  };
  return made(await visitor.post('/crates/', { documents: [paper] }));
}

/** A new crate in a storage location. */
export async function storedCrate(clerk: Visitor, keeper: Visitor): Promise<Data> {
  const { id } = await newCrate(clerk);
  const place = await newPlace(keeper);
  return (await keeper.post(`/crates/${id}/relocate/`, { ...SIGNED, storage: place['id'] })).body;
}

export async function newPlace(keeper: Visitor): Promise<Data> {
  return made(await keeper.post('/storage/', SHELF));
}

/** A new request to store a new crate. */
export async function newRequest(clerk: Visitor): Promise<Data> {
  return made(await clerk.post('/requests/storage/', { crate: (await newCrate(clerk))['id'] }));
}

export const SHELF = { room_name: 'Cellar', rack_name: 'R', compartment_name: 'C', shelf_name: 'S' };

function made({ status, body }: { readonly status: number; readonly body: Data }): Data {
  if (status !== 201) throw new Error(`not made: ${status} ${JSON.stringify(body)}`);
  return body;
}
