import { useUnits } from '../api/others.ts';
import { setParams, usePlace } from '../place/place.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { Select } from '../ui/field.tsx';
import { describeUnit, isSame } from '../words/things.ts';

/** Which unit a System Admin looks at; everybody else sees their own. */
export function UnitSelect() {
  const { param } = usePlace();
  const isShown = isAdmin(useMe());
  const units = useUnits({ enabled: isShown });
  const chosen = param('unit');
  if (!isShown) return null;
  return (
    <Select
      aria-label="Unit"
      className="w-56 max-lg:w-40 max-sm:order-last max-sm:w-full"
      value={chosen}
      onChange={(event) => setParams({ unit: event.target.value })}
    >
      <option value="">All units</option>
      {chosen !== '' && !units.data?.some(({ id }) => isSame(id, chosen)) && (
        <option value={chosen}>Unit {chosen}</option>
      )}
      {units.data?.map((unit) => (
        <option key={unit.id} value={unit.id}>
          {describeUnit(unit)}
        </option>
      ))}
    </Select>
  );
}

/** The unit a screen is about: empty for all that the user may see. Only a System Admin has a choice. */
export function useUnit(): string {
  const { param } = usePlace();
  return isAdmin(useMe()) ? param('unit') : '';
}
