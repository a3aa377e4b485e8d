import { useFreshness } from 'dms-live-react';
import { useCrates } from '../api/crates.ts';
import { useStorage } from '../api/storage.ts';
import { Field, Select } from '../ui/field.tsx';
import { describeWaiting } from '../ui/waiting.tsx';
import { describePlace } from '../words/things.ts';
import { cratesByPlace } from './places.ts';

/** Chooses a storage location of a unit that no crate stands at. */
export function FreePlaceField({ unit }: { readonly unit: string }) {
  const places = useStorage(unit);
  const crates = useCrates({ status: '', unit });
  const taken = crates.data && cratesByPlace(crates.data.results);
  const waiting = describeWaiting('The free places', useFreshness([places, crates]));
  const free = taken && places.data?.results.filter(({ id }) => !taken.has(String(id)));
  return (
    <Field
      label="Storage place"
      hint={waiting || (free === undefined ? 'Looking for free places…' : `${free.length} free`)}
    >
      {(ids) => (
        <Select {...ids} name="storage" required defaultValue="">
          <option value="" disabled>
            Choose a free place
          </option>
          {free?.map((place) => (
            <option key={place.id} value={place.id}>
              {describePlace(place)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
