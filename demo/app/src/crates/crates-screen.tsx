import { useFreshness, useLiveCrates, useLiveKpis } from 'dms-live-react';
import { Boxes } from 'lucide-react';
import { memo, useCallback } from 'react';
import { useCrates } from '../api/crates.ts';
import { useKpis } from '../api/others.ts';
import { CRATE_STATUSES, type CrateRow } from '../api/rows.ts';
import { useSorting } from '../place/ordering.ts';
import { setParams, usePlace } from '../place/place.ts';
import { PresentAtRows } from '../presence/present-at-rows.tsx';
import { isAdmin, useMe } from '../session/me.tsx';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { DataTable, type RowState } from '../ui/data-table.tsx';
import { FilterSelect, FilterTabs } from '../ui/filters.tsx';
import { LiveRow, type LiveRowProps } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { inNumbers, MoreRows, useLimit } from '../ui/more-rows.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { Notice } from '../ui/notice.tsx';
import { PassingButton } from '../ui/passing-button.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { countIn } from '../words/status.ts';
import { crateColumns, NARROW_CRATE } from './crate-columns.tsx';
import { CrateSheet } from './crate-sheet.tsx';

const setStatus = (status: string) => setParams({ status });

export function CratesScreen() {
  const me = useMe();
  const unit = useUnit();
  const { param } = usePlace();
  const live = useLiveCrates(unit || undefined);
  const sorting = useSorting();
  const crates = useCrates({ status: param('status'), unit, ordering: sorting.ordering, limit: useLimit() });
  const numbers = useCrateNumbers(unit);
  const all = crateColumns(isAdmin(me));
  const columns = useNarrow() ? NARROW_CRATE : all;
  const open = param('open');

  return (
    <ScreenFrame
      title="Crates"
      count={crates.data && inNumbers(crates.data.count)}
      queries={[crates]}
      live={[live]}
      side={open !== '' && <CrateSheet key={open} id={open} />}
      part={{ name: 'The numbers of each status', freshness: numbers.freshness }}
      toolbar={<CrateFilters countOf={numbers.countOf} />}
    >
      <Loaded query={crates}>
        <PresentAtRows kind="crate" unit={unit}>
          <DataTable
            label="Crates"
            columns={columns}
            rows={crates.data?.results}
            list={listName(crates, [param('status'), unit, sorting.ordering, param('limit')])}
            open={open}
            isCut={isCut(crates.data)}
            renderRow={renderRow}
            empty={<NoCrates />}
            sorting={{ ...sorting, columns: all }}
          />
        </PresentAtRows>
        {crates.data && <MoreRows shown={crates.data.results.length} count={crates.data.count} />}
      </Loaded>
    </ScreenFrame>
  );
}

/** Rendered again only if it changes: hundreds of others stay as they are. */
const CrateTableRow = memo(function CrateTableRow(props: Omit<LiveRowProps<CrateRow>, 'kind'>) {
  return <LiveRow {...props} kind="crate" />;
});

const renderRow = (row: CrateRow, state: RowState<CrateRow>) => (
  <CrateTableRow key={row.id} row={row} {...state} />
);

function NoCrates() {
  if (usePlace().param('status') === '') {
    return (
      <Notice icon={Boxes} title="No crates yet">
        A crate appears here with the first request to store it.
      </Notice>
    );
  }
  return (
    <Notice
      icon={Boxes}
      title="No crates here"
      action={<PassingButton onClick={() => setStatus('')}>Show all crates</PassingButton>}
    >
      No crate is in this state.
    </Notice>
  );
}

/** The KPIs count crates as the list has them: it has no filter but the status and the unit. */
function useCrateNumbers(unit: string) {
  const live = useLiveKpis(unit || undefined);
  const kpis = useKpis(unit);
  const counts = kpis.isPlaceholderData ? undefined : kpis.data?.crates_by_status;
  const freshness = useFreshness(kpis, live.refusal === undefined ? live : []);
  const countOf = useCallback(
    (status: string) => (counts == null ? undefined : countIn(counts, status)),
    [counts],
  );
  return { countOf, freshness };
}

const CrateFilters = memo(function CrateFilters({
  countOf,
}: Pick<ReturnType<typeof useCrateNumbers>, 'countOf'>) {
  const { param } = usePlace();
  const status = {
    label: 'Status',
    options: CRATE_STATUSES,
    value: param('status'),
    onChange: setStatus,
    countOf,
  };
  return (
    <>
      <div className="hidden md:block">
        <FilterTabs {...status} />
      </div>
      <div className="flex max-sm:w-full md:hidden">
        <FilterSelect {...status} />
      </div>
    </>
  );
});
