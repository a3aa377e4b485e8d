import { useLiveCrates } from 'dms-live-react';
import { PackageOpen } from 'lucide-react';
import { useCrates } from '../api/crates.ts';
import { CRATE_STATUSES } from '../api/rows.ts';
import { setParams, usePlace } from '../place/place.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { FilterTabs } from '../ui/filters.tsx';
import { LiveRow } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { crateColumns } from './crate-columns.tsx';
import { CrateSheet } from './crate-sheet.tsx';

const setStatus = (status: string) => setParams({ status });

export function CratesScreen() {
  const me = useMe();
  const unit = useUnit();
  const { param } = usePlace();
  const live = useLiveCrates(unit || undefined);
  const crates = useCrates({ status: param('status'), unit });
  const columns = crateColumns(isAdmin(me));
  const open = param('open');

  return (
    <ScreenFrame
      title="Crates"
      count={crates.data && String(crates.data.count)}
      queries={[crates]}
      live={[live]}
      toolbar={
        <FilterTabs label="Status" options={CRATE_STATUSES} value={param('status')} onChange={setStatus} />
      }
    >
      <Loaded query={crates}>
        <DataTable
          label="Crates"
          columns={columns}
          rows={crates.data?.results}
          list={listName(crates, [param('status'), unit])}
          hasOpenRow={open !== ''}
          isCut={isCut(crates.data)}
          renderRow={(row, isGone) => (
            <LiveRow
              key={row.id}
              row={row}
              columns={columns}
              kind="crate"
              isOpen={String(row.id) === open}
              isGone={isGone}
            />
          )}
          empty={
            <Notice
              icon={PackageOpen}
              title="No crates here"
              action={<Button onClick={() => setStatus('')}>Show all crates</Button>}
            >
              No crate is in this state.
            </Notice>
          }
        />
      </Loaded>
      {open !== '' && <CrateSheet key={open} id={open} />}
    </ScreenFrame>
  );
}
