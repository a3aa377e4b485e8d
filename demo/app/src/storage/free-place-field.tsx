import { useFreshness, useLiveCrates, useLiveStorage } from 'dms-live-react';
import { useState } from 'react';
import { useCrates } from '../api/crates.ts';
import type { CrateRow, Id, StorageRow } from '../api/rows.ts';
import { useStorage } from '../api/storage.ts';
import { useFollowedUnit } from '../session/me.tsx';
import { Field, Select } from '../ui/field.tsx';
import { useLatestDeed } from '../ui/use-latest-deed.ts';
import { describeWaiting } from '../ui/waiting.tsx';
import { describePlace, isSame } from '../words/things.ts';
import { cratesByPlace } from './places.ts';

interface FreePlaceFieldProps {
  readonly unit: string;
  /** The crate that the place is for. */
  readonly crate: Id | undefined;
}

/** Chooses a storage location of a unit that no crate stands at. What somebody takes meanwhile stays chosen, but is no longer possible. */
export function FreePlaceField({ unit, crate }: FreePlaceFieldProps) {
  const followed = useFollowedUnit(unit);
  useLiveStorage(followed);
  useLiveCrates(followed);
  const known = {
    places: useStorage(followed ?? ''),
    crates: useCrates({ status: '', unit: followed ?? '' }),
  };
  const waiting = describeWaiting('The free places', useFreshness([known.places, known.crates]));
  const places = known.places.data?.results;
  const crates = known.crates.data?.results;
  const [chosen, setChosen] = useState<StorageRow>();
  const taken = crates && cratesByPlace(crates);
  const free = taken && places?.filter(({ id }) => !taken.has(String(id)));
  const problem = useProblem(chosen, places, crates, crate);
  const isListed = free?.some(({ id }) => isSame(id, chosen?.id)) ?? false;
  return (
    <Field
      label="Storage place"
      hint={waiting || (free === undefined ? 'Looking for free places…' : `${free.length} free`)}
      problem={problem}
    >
      {(ids) => (
        <Select
          {...ids}
          name="storage"
          required
          value={chosen === undefined ? '' : String(chosen.id)}
          onChange={({ target }) => setChosen(free?.find(({ id }) => String(id) === target.value))}
        >
          <option value="" disabled>
            Choose a free place
          </option>
          {chosen !== undefined && !isListed && <option value={chosen.id}>{describePlace(chosen)}</option>}
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

/** Why the chosen place is no longer possible. */
function useProblem(
  chosen: StorageRow | undefined,
  places: readonly StorageRow[] | undefined,
  crates: readonly CrateRow[] | undefined,
  own: Id | undefined,
): string | undefined {
  const other = crates?.find(
    ({ id, storage }) => storage !== null && isSame(storage.id, chosen?.id) && !isSame(id, own),
  );
  const deedToPlace = useLatestDeed('storage', chosen?.id);
  const deedToCrate = useLatestDeed('crate', other?.id);
  if (chosen === undefined || places === undefined) return undefined;
  if (!places.some(({ id }) => isSame(id, chosen.id)))
    return `This place is gone${deedToPlace}. Choose another one.`;
  return other && `Crate ${other.id} stands there now${deedToCrate}. Choose another place.`;
}
