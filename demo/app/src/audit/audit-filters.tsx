import { ListFilter } from 'lucide-react';
import { useId, useState } from 'react';
import { SYSTEM, useAuditChoices } from '../api/audit.ts';
import { setParams, usePlace } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Select, TextInput } from '../ui/field.tsx';
import { PassingButton } from '../ui/passing-button.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { describeObject } from './object.ts';
import { countFilters, showAllEntries, useAuditFilter } from './use-audit-filter.ts';

const setSearch = (search: string) => setParams({ search });

/** Which entries are shown. On a narrow page all but the search is opened by a button. */
export function AuditFilters() {
  const { param } = usePlace();
  const [isOpen, setOpen] = useState(false);
  const count = countFilters(useAuditFilter());
  return (
    <>
      <SearchField label="Search the audit trail" value={param('search')} onChange={setSearch} />
      <Button className="sm:hidden" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ListFilter aria-hidden className="size-4" />
        {count === 0 ? 'Filters' : `Filters (${count})`}
      </Button>
      <div
        className={classes(
          'flex flex-wrap items-center gap-2 max-sm:w-full sm:contents',
          !isOpen && 'max-sm:hidden',
        )}
      >
        <DayField label="From" name="since" />
        <DayField label="To" name="to" />
        <Choices />
      </div>
      {count > 0 && (
        <PassingButton look="quiet" onClick={showAllEntries}>
          Clear filters
        </PassingButton>
      )}
    </>
  );
}

/** A day of the reader's time zone. Both ends of a period belong to it. */
function DayField({ label, name }: { readonly label: string; readonly name: 'since' | 'to' }) {
  const { param } = usePlace();
  const id = useId();
  return (
    <span className="inline-flex items-center gap-1.5 text-ink-soft max-sm:w-full max-sm:justify-between">
      <label htmlFor={id}>{label}</label>
      <span className="w-36 max-md:w-44">
        <TextInput
          id={id}
          type="date"
          value={param(name)}
          onChange={(event) => setParams({ [name]: event.target.value })}
        />
      </span>
    </span>
  );
}

interface Option {
  readonly value: string;
  readonly words: string;
}

/** What the trail has, and what is chosen: a link may ask for what is not there any more. */
function Choices() {
  const { data } = useAuditChoices(useUnit());
  const people = (data?.users ?? []).map(({ id, name }) => ({
    value: String(id),
    words: name ?? `User ${id}`,
  }));
  const types = (data?.object_types ?? []).map((type) => ({
    value: type,
    words: describeObject({ object_type: type, object_id: null, unit_id: '' }),
  }));
  const actions = (data?.actions ?? []).map((action) => ({ value: action, words: action }));
  return (
    <>
      <Choice name="user" all="Everybody" options={[...people, { value: SYSTEM, words: 'The system' }]} />
      <Choice name="action" all="All actions" options={actions} />
      <Choice name="type" all="All objects" options={types} />
    </>
  );
}

const LABELS = { user: 'Who', action: 'Action', type: 'Object type' };

interface ChoiceProps {
  readonly name: keyof typeof LABELS;
  readonly all: string;
  readonly options: readonly Option[];
}

function Choice({ name, all, options }: ChoiceProps) {
  const { param } = usePlace();
  const chosen = param(name);
  const isKnown = chosen === '' || options.some(({ value }) => value === chosen);
  return (
    <Select
      aria-label={LABELS[name]}
      className="w-34 max-sm:w-full"
      value={chosen}
      onChange={(event) => setParams({ [name]: event.target.value })}
    >
      <option value="">{all}</option>
      {options.map(({ value, words }) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
      {!isKnown && <option value={chosen}>{chosen}</option>}
    </Select>
  );
}
