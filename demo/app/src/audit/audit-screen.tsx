import { useLiveAudit } from 'dms-live-react';
import { ScrollText } from 'lucide-react';
import { useAudit } from '../api/others.ts';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { LiveRow } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { AUDIT_COLUMNS } from './audit-columns.tsx';

/** Who did what, when and from where; for System Admins. */
export function AuditScreen() {
  const unit = useUnit();
  const live = useLiveAudit(unit || undefined);
  const audit = useAudit(unit);
  return (
    <ScreenFrame title="Audit" queries={[audit]} live={[live]}>
      <Loaded query={audit}>
        <DataTable
          label="Audit trail, the newest first"
          columns={AUDIT_COLUMNS}
          rows={audit.data?.results}
          list={listName(audit, [unit])}
          isCut={isCut(audit.data)}
          renderRow={(row, isGone) => (
            <LiveRow key={row.id} row={row} columns={AUDIT_COLUMNS} kind="audit" isGone={isGone} />
          )}
          empty={
            <Notice icon={ScrollText} title="Nothing yet">
              What people do appears here as it happens.
            </Notice>
          }
        />
      </Loaded>
    </ScreenFrame>
  );
}
