import { useLiveRequests } from 'dms-live-react';
import { Inbox, Plus } from 'lucide-react';
import { useState } from 'react';
import { useRequests } from '../api/requests.ts';
import type { Page, RequestRow } from '../api/rows.ts';
import { setParams, usePlace } from '../place/place.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { LiveRow } from '../ui/live-row.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { isCut, listName } from '../ui/use-steady-list.ts';
import { mayCreate } from './abilities.ts';
import { DraftDialog } from './draft-dialog.tsx';
import { requestColumns } from './request-columns.tsx';
import { RequestFilters } from './request-filters.tsx';
import { RequestSheet } from './request-sheet.tsx';

export function RequestsScreen() {
  const me = useMe();
  const unit = useUnit();
  const { param } = usePlace();
  const live = useLiveRequests(unit || undefined);
  const requests = useRequests({
    type: param('type'),
    status: param('status'),
    unit,
    search: param('search'),
  });
  const [isDrafting, setDrafting] = useState(false);
  const columns = requestColumns(isAdmin(me));
  const open = param('open');

  return (
    <ScreenFrame
      title="Requests"
      count={countOf(requests.data)}
      queries={[requests]}
      live={[live]}
      toolbar={
        <>
          <RequestFilters />
          {mayCreate(me) && (
            <Button look="primary" className="ml-auto" onClick={() => setDrafting(true)}>
              <Plus aria-hidden className="size-4" />
              New request
            </Button>
          )}
        </>
      }
    >
      <Loaded query={requests}>
        <DataTable
          label="Requests"
          columns={columns}
          rows={requests.data?.results}
          list={listName(requests, [param('type'), param('status'), param('search'), unit])}
          hasOpenRow={open !== ''}
          isCut={isCut(requests.data)}
          renderRow={(row, isGone) => (
            <LiveRow
              key={row.id}
              row={row}
              columns={columns}
              kind="request"
              isOpen={String(row.id) === open}
              isGone={isGone}
            />
          )}
          empty={<NoRequests />}
        />
      </Loaded>
      {open !== '' && <RequestSheet key={open} id={open} />}
      {isDrafting && <DraftDialog onClose={() => setDrafting(false)} />}
    </ScreenFrame>
  );
}

function NoRequests() {
  const showAll = () => setParams({ type: '', status: '', search: '' });
  return (
    <Notice
      icon={Inbox}
      title="No requests here"
      action={<Button onClick={showAll}>Show all requests</Button>}
    >
      Nothing fits these filters. What comes in appears here by itself.
    </Notice>
  );
}

function countOf(page: Page<RequestRow> | undefined): string | undefined {
  if (page === undefined) return undefined;
  const { count, results } = page;
  return results.length < count ? `the newest ${results.length} of ${count}` : String(count);
}
