import { useFreshness } from 'dms-live-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useUnits } from '../api/others.ts';
import { useCreateRack } from '../api/storage.ts';
import type { Written } from '../api/written.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { describeWaiting } from '../ui/waiting.tsx';
import { describeUnit } from '../words/things.ts';

const LONGEST_NAME = 40;
const MOST_IN_A_ROW = 30;

/** Makes all the places of a rack at once. */
export function RackDialog({ onClose }: { readonly onClose: () => void }) {
  const me = useMe();
  const [size, setSize] = useState({ compartments: 2, shelves: 3 });
  const { mutate, isPending, error } = useCreateRack();
  const count = size.compartments * size.shelves;

  function submit(form: FormData): void {
    const rack = {
      room_name: String(form.get('room_name')),
      rack_name: String(form.get('rack_name')),
      unit_id: form.get('unit_id')?.toString(),
      ...size,
    };
    const onSuccess = ({ row: made }: Written<readonly unknown[]>) => {
      toast.success(`${made.length} places added to ${rack.room_name}, ${rack.rack_name}`);
      onClose();
    };
    mutate(rack, { onSuccess });
  }

  return (
    <FormDialog
      title="Add a rack"
      description="All its places are made at once."
      submitLabel={`Add ${count} places`}
      isBusy={isPending}
      error={error}
      onClose={onClose}
      onSubmit={submit}
    >
      {isAdmin(me) && <UnitField />}
      <div className="grid grid-cols-2 gap-3">
        <Field label="Room">
          {(ids) => <TextInput {...ids} name="room_name" required maxLength={LONGEST_NAME} />}
        </Field>
        <Field label="Rack">
          {(ids) => <TextInput {...ids} name="rack_name" required maxLength={LONGEST_NAME} />}
        </Field>
        <NumberField
          label="Compartments"
          value={size.compartments}
          onChange={(compartments) => setSize({ ...size, compartments })}
        />
        <NumberField
          label="Shelves in each"
          value={size.shelves}
          onChange={(shelves) => setSize({ ...size, shelves })}
        />
      </div>
    </FormDialog>
  );
}

function UnitField() {
  const units = useUnits();
  const waiting = describeWaiting('The units', useFreshness(units));
  const unit = useUnit();
  return (
    <Field label="Unit" hint={waiting === '' ? undefined : waiting}>
      {(ids) => (
        <Select {...ids} name="unit_id" defaultValue={unit}>
          {units.data?.map((one) => (
            <option key={one.id} value={one.id}>
              {describeUnit(one)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, value, onChange }: NumberFieldProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <TextInput
          {...ids}
          type="number"
          required
          min={1}
          max={MOST_IN_A_ROW}
          value={value || ''}
          onChange={(event) => onChange(event.target.valueAsNumber || 0)}
        />
      )}
    </Field>
  );
}
