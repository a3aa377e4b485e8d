import { useLiveCrates, useLiveRequests } from 'dms-live-react';
import { Plus, Stamp } from 'lucide-react';
import { memo, useState } from 'react';
import { useRequests } from '../api/requests.ts';
import type { Page, RequestRow } from '../api/rows.ts';
import { useSorting } from '../place/ordering.ts';
import { setParams, usePlace } from '../place/place.ts';
import { PresentAtRows } from '../presence/present-at-rows.tsx';
import { isAdmin, useMe } from '../session/me.tsx';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable, type RowState } from '../ui/data-table.tsx';
import { LiveRow, type LiveRowProps } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { inNumbers, MoreRows, useLimit } from '../ui/more-rows.tsx';
import { useNarrow, useWide } from '../ui/narrow.ts';
import { Notice } from '../ui/notice.tsx';
import { PassingButton } from '../ui/passing-button.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { mayCreate } from './abilities.ts';
import { DraftDialog } from './draft-dialog.tsx';
import { NARROW_REQUEST, requestColumns } from './request-columns.tsx';
import { RequestFilters } from './request-filters.tsx';
import { RequestSheet } from './request-sheet.tsx';
import { useStatusCounts } from './use-status-counts.ts';

export function RequestsScreen() {
  const me = useMe();
  const unit = useUnit();
  const { param } = usePlace();
  const sorting = useSorting();
  const live = useLiveRequests(unit || undefined);
  useLiveCrates(unit || undefined); // they stand in the rows, and in the sheet
  const requests = useRequests({
    type: param('type'),
    status: param('status'),
    unit,
    search: param('search'),
    ordering: sorting.ordering,
    limit: useLimit(),
  });
  const numbers = useStatusCounts({ type: param('type'), search: param('search'), unit });
  const [isDrafting, setDrafting] = useState(false);
  const [isNarrow, isWide] = [useNarrow(), useWide()];
  const all = requestColumns(isAdmin(me));
  const columns = isNarrow ? NARROW_REQUEST : all;
  const open = param('open');

  return (
    <ScreenFrame
      title="Requests"
      count={
        isNarrow ? totalOf(requests.data) : countOf(requests.data, isWide ? sorting.ordering : undefined)
      }
      queries={[requests]}
      live={[live]}
      part={{ name: 'The numbers of each status', freshness: numbers.freshness }}
      side={open !== '' && <RequestSheet key={open} id={open} />}
      toolbar={
        <>
          <RequestFilters countOf={numbers.countOf} />
          {mayCreate(me) && (
            <Button look="primary" className="ml-auto max-sm:-order-1" onClick={() => setDrafting(true)}>
              <Plus aria-hidden className="size-4" />
              New request
            </Button>
          )}
        </>
      }
    >
      <Loaded query={requests}>
        <PresentAtRows kind="request" unit={unit}>
          <DataTable
            label="Requests"
            columns={columns}
            rows={requests.data?.results}
            list={listName(requests, [
              param('type'),
              param('status'),
              param('search'),
              unit,
              sorting.ordering,
              param('limit'),
            ])}
            open={open}
            isCut={isCut(requests.data)}
            renderRow={renderRow}
            empty={<NoRequests />}
            sorting={{ ...sorting, columns: all }}
          />
        </PresentAtRows>
        {requests.data && <MoreRows shown={requests.data.results.length} count={requests.data.count} />}
      </Loaded>
      {isDrafting && <DraftDialog onClose={() => setDrafting(false)} />}
    </ScreenFrame>
  );
}

/** Rendered again only if it changes: hundreds of others stay as they are. */
const RequestTableRow = memo(function RequestTableRow(props: Omit<LiveRowProps<RequestRow>, 'kind'>) {
  return <LiveRow {...props} kind="request" />;
});

const renderRow = (row: RequestRow, state: RowState<RequestRow>) => (
  <RequestTableRow key={row.id} row={row} {...state} />
);

const FILTERS = ['type', 'status', 'search'];

function NoRequests() {
  const { param } = usePlace();
  if (FILTERS.every((name) => param(name) === '')) {
    return (
      <Notice icon={Stamp} title="No requests yet">
        What comes in appears here by itself.
      </Notice>
    );
  }
  const showAll = () => setParams(Object.fromEntries(FILTERS.map((name) => [name, ''])));
  return (
    <Notice
      icon={Stamp}
      title="No requests here"
      action={<PassingButton onClick={showAll}>Show all requests</PassingButton>}
    >
      Nothing fits these filters. What comes in appears here by itself.
    </Notice>
  );
}

/** Where there is little room. How many of them are shown stands under the list. */
function totalOf(page: Page<RequestRow> | undefined): string | undefined {
  return page && inNumbers(page.count);
}

/** @param ordering `undefined`: it is not said. */
function countOf(page: Page<RequestRow> | undefined, ordering: string | undefined): string | undefined {
  if (page === undefined) return undefined;
  const [count, shown] = [inNumbers(page.count), inNumbers(page.results.length)];
  if (shown === count) return count;
  return `${shown} of ${count}${ordering === '' ? ', newest first' : ''}`;
}
