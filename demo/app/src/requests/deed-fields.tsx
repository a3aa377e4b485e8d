import type { RequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { FreePlaceField } from '../storage/free-place-field.tsx';
import { Field, Select, TextArea } from '../ui/field.tsx';
import { ReturnDateField } from './return-date-field.tsx';

const SEND_BACK_TYPES = ['Correction', 'Clarification'];
const LONGEST_REASON = 200;

interface DeedFieldsProps {
  readonly request: RequestRow;
  readonly deed: RequestDeed;
}

/** What a deed needs besides the signature. */
export function DeedFields({ request, deed }: DeedFieldsProps) {
  if (deed === 'reject') return <ReasonField />;
  if (deed === 'allocate-storage')
    return <FreePlaceField unit={String(request.unit_id)} crate={request.crate?.id} />;
  if (deed === 'issue') return <ReturnDateField expected={request.expected_return_date} />;
  if (deed !== 'send-back') return null;
  return (
    <>
      <Field label="Kind">
        {(ids) => (
          <Select {...ids} name="sendback_type">
            {SEND_BACK_TYPES.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </Select>
        )}
      </Field>
      <ReasonField />
    </>
  );
}

function ReasonField() {
  return (
    <Field label="Reason">
      {(ids) => <TextArea {...ids} name="reason" required maxLength={LONGEST_REASON} />}
    </Field>
  );
}
