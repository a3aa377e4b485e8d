import { useFreshness } from 'dms-live-react';
import { useState } from 'react';
import { useUnits } from '../api/others.ts';
import { useCreateRack } from '../api/storage.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { useSend } from '../ui/use-send.ts';
import { describeWaiting } from '../ui/waiting.tsx';
import { describeUnit } from '../words/things.ts';
import { SameRackNote } from './same-rack-note.tsx';

const LONGEST_NAME = 40;
const MOST_IN_A_ROW = 30;

/** Makes all the places of a rack at once. */
export function RackDialog({ onClose }: { readonly onClose: () => void }) {
  const me = useMe();
  const chosenUnit = useUnit();
  const units = useUnits({ enabled: isAdmin(me) });
  const [size, setSize] = useState({ compartments: 2, shelves: 3 });
  const [name, setName] = useState({ room: '', rack: '' });
  const [picked, setPicked] = useState(chosenUnit);
  const unit = isAdmin(me) ? picked || String(units.data?.[0]?.id ?? '') : String(me.unit_id);
  const { mutateAsync, isPending, isSuccess, error } = useCreateRack();
  const count = size.compartments * size.shelves;

  const what = `${name.room}, ${name.rack}`;
  const send = useSend(mutateAsync, {
    what,
    done: ({ row: made }) => `${made.length} places added to ${what}`,
    onClose,
  });

  function submit(form: FormData): void {
    const rack = {
      room_name: name.room,
      rack_name: name.rack,
      unit_id: form.get('unit_id')?.toString(),
      ...size,
    };
    void send(rack);
  }

  return (
    <FormDialog
      title="Add a rack"
      description="Each shelf is one storage place."
      submitLabel={`Add ${count} places`}
      isBusy={isPending || isSuccess}
      error={error}
      onClose={onClose}
      onSubmit={submit}
    >
      {isAdmin(me) && <UnitField value={unit} onChange={setPicked} />}
      <div className="grid grid-cols-2 gap-3">
        <Field label="Room">
          {(ids) => (
            <TextInput
              {...ids}
              required
              maxLength={LONGEST_NAME}
              value={name.room}
              onChange={({ target }) => setName({ ...name, room: target.value })}
            />
          )}
        </Field>
        <Field label="Rack">
          {(ids) => (
            <TextInput
              {...ids}
              required
              maxLength={LONGEST_NAME}
              value={name.rack}
              onChange={({ target }) => setName({ ...name, rack: target.value })}
            />
          )}
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
      {!isPending && !isSuccess && <SameRackNote unit={unit} {...name} />}
    </FormDialog>
  );
}

interface UnitFieldProps {
  readonly value: string;
  readonly onChange: (unit: string) => void;
}

function UnitField({ value, onChange }: UnitFieldProps) {
  const units = useUnits();
  const waiting = describeWaiting('The units', useFreshness(units));
  return (
    <Field label="Unit" hint={waiting === '' ? undefined : waiting}>
      {(ids) => (
        <Select {...ids} name="unit_id" value={value} onChange={({ target }) => onChange(target.value)}>
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
