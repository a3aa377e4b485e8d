import { useLiveCrates, useLiveRequests } from 'dms-live-react';
import { useState } from 'react';
import { hasGone } from '../api/http.ts';
import { useRequest } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { CrateSummary } from '../crates/crate-summary.tsx';
import { setParams } from '../place/place.ts';
import { PresentLine } from '../presence/present-line.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Badge } from '../ui/badge.tsx';
import { ChangeLine } from '../ui/change-line.tsx';
import { Details, DetailsSkeleton, Part } from '../ui/details.tsx';
import { Sheet } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { REQUEST_TONES } from '../words/status.ts';
import { isOverdue, nameOf } from '../words/things.ts';
import { fullTime } from '../words/time.ts';
import { type Doing, RequestActions, RequestDialog } from './request-actions.tsx';
import { RequestSteps } from './request-steps.tsx';
import { SendBackNotes } from './send-back-notes.tsx';

/** All about one request, and what the user may do with it. */
export function RequestSheet({ id }: { readonly id: string }) {
  const request = useRequest(id);
  const unit = useUnit() || undefined;
  const live = useLiveRequests(unit);
  const liveCrates = useLiveCrates(unit); // its crate may be moved, or withdrawn, without a word about the request
  const [doing, setDoing] = useState<Doing>();
  const row = request.data;
  return (
    <Sheet
      title={`Request ${id}`}
      description={
        <>
          <ChangeLine id={id} kind="request">
            {row && `${row.request_type} · Unit ${row.unit_id}`}
          </ChangeLine>
          {row && <PresentLine kind="request" id={id} unitId={row.unit_id} />}
        </>
      }
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={request} live={[live, liveCrates]}>
        {row === undefined ? <DetailsSkeleton /> : <RequestDetails request={row} onAct={setDoing} />}
      </Loaded>
      {/* It stays also if the request has gone meanwhile: what was typed must not vanish. */}
      {doing !== undefined && row !== undefined && (
        <RequestDialog
          request={row}
          doing={doing}
          isGone={hasGone(request)}
          onClose={() => setDoing(undefined)}
        />
      )}
    </Sheet>
  );
}

interface RequestDetailsProps {
  readonly request: RequestRow;
  readonly onAct: (doing: Doing) => void;
}

function RequestDetails({ request, onAct }: RequestDetailsProps) {
  const { request_type: type, status, crate, withdrawn_by: withdrawnBy, expected_return_date: due } = request;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex min-h-8 items-center justify-between gap-2.5">
        <Badge tone={REQUEST_TONES[status]}>{status}</Badge>
        <RequestActions request={request} onAct={onAct} />
      </div>
      <Part title="History">
        <RequestSteps request={request} />
      </Part>
      <SendBackNotes request={request} />
      {type === 'Withdrawal' && (withdrawnBy !== null || due !== null) && (
        <Part title="Loan">
          <Details
            items={{
              'Issued to': nameOf(withdrawnBy),
              'Expected return': due === null ? '' : <Due request={request} />,
            }}
          />
        </Part>
      )}
      {crate !== null && (
        <Part title="Crate">
          <CrateSummary crate={crate} />
        </Part>
      )}
    </div>
  );
}

function Due({ request }: { readonly request: RequestRow }) {
  const due = fullTime(request.expected_return_date);
  return isOverdue(request) ? <span className="font-medium text-danger">{due}, overdue</span> : due;
}
