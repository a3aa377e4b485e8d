import { REQUEST_STATUSES, REQUEST_TYPES } from '../api/rows.ts';
import { setParams, usePlace } from '../place/place.ts';
import { FilterSelect, FilterTabs } from '../ui/filters.tsx';
import { SearchField } from '../ui/search-field.tsx';

const setSearch = (search: string) => setParams({ search });
const setType = (type: string) => setParams({ type });
const setStatus = (status: string) => setParams({ status });

/** Which requests are shown: kept in the address. */
export function RequestFilters() {
  const { param } = usePlace();
  const status = { label: 'Status', options: REQUEST_STATUSES, value: param('status'), onChange: setStatus };
  return (
    <>
      <SearchField label="Search requests" value={param('search')} onChange={setSearch} />
      <FilterSelect label="Type" options={REQUEST_TYPES} value={param('type')} onChange={setType} />
      <div className="hidden xl:block">
        <FilterTabs {...status} />
      </div>
      <div className="flex xl:hidden max-sm:flex-1 max-sm:basis-2/5">
        <FilterSelect {...status} />
      </div>
    </>
  );
}
