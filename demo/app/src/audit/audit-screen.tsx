import { useFreshness, useLiveAudit } from 'dms-live-react';
import { ScrollText } from 'lucide-react';
import { memo } from 'react';
import { type AuditFilter, useAudit, useAuditChoices } from '../api/audit.ts';
import type { AuditRow } from '../api/rows.ts';
import { usePlace } from '../place/place.ts';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { DataTable, type RowState } from '../ui/data-table.tsx';
import { LiveRow, type LiveRowProps } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { PassingButton } from '../ui/passing-button.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { AUDIT_COLUMNS } from './audit-columns.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { AuditNote } from './audit-note.tsx';
import { AuditSheet } from './audit-sheet.tsx';
import { ExportButton } from './export-button.tsx';
import { OlderEntries } from './older-entries.tsx';
import { countFilters, isBackwards, showAllEntries, useAuditFilter } from './use-audit-filter.ts';

/** Who did what, when and from where; for System Admins. */
export function AuditScreen() {
  const filter = useAuditFilter();
  const live = useLiveAudit(filter.unit || undefined);
  const { trail, older } = useAudit(filter);
  const choices = useAuditChoices(filter.unit);
  const part = { name: 'The choices of the filters', freshness: useFreshness(choices) };
  const open = usePlace().param('open');
  const { data } = trail;
  return (
    <ScreenFrame
      title="Audit"
      count={data && inEntries(data.count)}
      queries={[trail]}
      live={[live]}
      part={part}
      side={open !== '' && <AuditSheet key={open} id={open} />}
      toolbar={
        <>
          <AuditFilters />
          <ExportButton filter={filter} count={data?.count} />
        </>
      }
    >
      <AuditNote filter={filter} refusal={live.refusal} />
      <Loaded query={trail}>
        <DataTable
          label="Audit trail, the newest first"
          columns={AUDIT_COLUMNS}
          rows={data?.results}
          list={listName(trail, Object.values(filter))}
          open={open}
          isCut={isCut(data)}
          renderRow={renderRow}
          empty={<NoEntries filter={filter} />}
        />
        {data !== undefined && <OlderEntries page={data} older={older} />}
      </Loaded>
    </ScreenFrame>
  );
}

/** Rendered again only if it is opened or closed: hundreds of them stay as they are when a new one comes. */
const EntryRow = memo(function EntryRow(props: Omit<LiveRowProps<AuditRow>, 'kind'>) {
  return <LiveRow {...props} kind="audit" />;
});

const renderRow = (row: AuditRow, state: RowState<AuditRow>) => (
  <EntryRow key={row.id} row={row} {...state} />
);

function NoEntries({ filter }: { readonly filter: AuditFilter }) {
  if (countFilters(filter) === 0) {
    return (
      <Notice icon={ScrollText} title="Nothing yet">
        What people do appears here as it happens.
      </Notice>
    );
  }
  return (
    <Notice
      icon={ScrollText}
      title="No entries fit these filters"
      action={<PassingButton onClick={showAllEntries}>Clear filters</PassingButton>}
    >
      {isBackwards(filter) ? 'The first day is after the last one.' : 'Change the period or the filters.'}
    </Notice>
  );
}

function inEntries(count: number): string {
  return count === 1 ? '1 entry' : `${count.toLocaleString('en')} entries`;
}
