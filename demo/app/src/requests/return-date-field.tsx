import { Field, TextInput } from '../ui/field.tsx';

const USUAL_LOAN_DAYS = 14;

/** Until when a crate is wanted. @param expected What was agreed before, if anything. */
export function ReturnDateField({ expected }: { readonly expected: string | null }) {
  const today = dayFromNow(0);
  const agreed = expected?.slice(0, today.length) ?? dayFromNow(USUAL_LOAN_DAYS);
  return (
    <Field label="Expected return">
      {(ids) => (
        <TextInput
          {...ids}
          name="expected_return_date"
          type="date"
          required
          min={today}
          defaultValue={agreed < today ? today : agreed}
        />
      )}
    </Field>
  );
}

/** As the DMS writes a day: `2026-11-22`. */
function dayFromNow(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}
