import type { NewDocument } from '../api/crates.ts';
import type { RequestDraft } from '../api/requests.ts';
import type { Id, RequestType } from '../api/rows.ts';

/** What the choice of a crate says if it is to be a new one. */
export const NEW_CRATE = 'new';

interface Frame {
  readonly type: RequestType;
  readonly id: Id | undefined;
  readonly unit: string;
}

/** What was filled in, as it is sent. */
export function readDraft(form: FormData, { type, id, unit }: Frame): RequestDraft {
  const { document_name, document_number, document_type, ...fields } = Object.fromEntries(form);
  if (fields['crate'] !== NEW_CRATE) return { type, id, fields };
  const document: NewDocument = {
    document_name: String(document_name),
    document_number: String(document_number),
    document_type: String(document_type),
  };
  return { type, id, fields, newCrate: { documents: [document], unit_id: unit || undefined } };
}
