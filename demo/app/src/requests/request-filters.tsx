import { memo } from 'react';
import { OVERDUE } from '../api/requests.ts';
import { REQUEST_STATUSES, REQUEST_TYPES } from '../api/rows.ts';
import { setParams, usePlace } from '../place/place.ts';
import { FilterSelect, FilterTabs } from '../ui/filters.tsx';
import { SearchField } from '../ui/search-field.tsx';
import type { StatusNumbers } from './use-status-counts.ts';

/** What is overdue is issued, so it stands beside that. */
const STATUSES = REQUEST_STATUSES.flatMap((status) => (status === 'Issued' ? [status, OVERDUE] : [status]));

const setSearch = (search: string) => setParams({ search });
const setType = (type: string) => setParams({ type });
const setStatus = (status: string) => setParams({ status });

/** Which requests are shown: kept in the address. */
export const RequestFilters = memo(function RequestFilters({ countOf }: Pick<StatusNumbers, 'countOf'>) {
  const { param } = usePlace();
  const [type, search] = [param('type'), param('search')];
  const status = {
    label: 'Status',
    options: STATUSES,
    value: param('status'),
    onChange: setStatus,
    countOf,
  };
  return (
    <>
      <SearchField label="Search requests" value={search} onChange={setSearch} />
      <FilterSelect label="Type" options={REQUEST_TYPES} value={type} onChange={setType} />
      <div className="order-last hidden basis-full min-[1090px]:block 2xl:order-none 2xl:basis-auto">
        <FilterTabs {...status} alarming={OVERDUE} />
      </div>
      <div className="flex min-[1090px]:hidden max-sm:flex-1 max-sm:basis-[56%]">
        <FilterSelect {...status} />
      </div>
    </>
  );
});
