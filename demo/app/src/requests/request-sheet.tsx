import { useLiveRequests } from 'dms-live-react';
import { useRequest } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { CrateSummary } from '../crates/crate-summary.tsx';
import { setParams } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { Badge } from '../ui/badge.tsx';
import { ChangeLine } from '../ui/change-line.tsx';
import { Details, DetailsSkeleton, Part } from '../ui/details.tsx';
import { Sheet } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { REQUEST_TONES } from '../words/status.ts';
import { nameOf } from '../words/things.ts';
import { fullTime } from '../words/time.ts';
import { RequestActions } from './request-actions.tsx';
import { RequestSteps } from './request-steps.tsx';
import { SendBackNotes } from './send-back-notes.tsx';

/** All about one request, and what the user may do with it. */
export function RequestSheet({ id }: { readonly id: string }) {
  const request = useRequest(id);
  const live = useLiveRequests(useUnit() || undefined);
  return (
    <Sheet
      title={`Request ${id}`}
      description={<ChangeLine id={id} kind="request" />}
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={request} live={[live]}>
        {request.data === undefined ? <DetailsSkeleton /> : <RequestDetails request={request.data} />}
      </Loaded>
    </Sheet>
  );
}

function RequestDetails({ request }: { readonly request: RequestRow }) {
  const { request_type: type, status } = request;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-2.5">
        <Badge tone={REQUEST_TONES[status]}>{status}</Badge>
        <span className="font-medium">{type}</span>
        <span className="ml-auto text-ink-soft">Unit {request.unit_id}</span>
      </div>
      <RequestActions request={request} />
      <Part title="History">
        <RequestSteps request={request} />
      </Part>
      <SendBackNotes request={request} />
      {type === 'Withdrawal' && (
        <Part title="Loan">
          <Details
            items={{
              'Handed out to': nameOf(request.withdrawn_by),
              'Expected return': fullTime(request.expected_return_date),
            }}
          />
        </Part>
      )}
      <Part title="Crate">
        {request.crate === null ? <p>None yet.</p> : <CrateSummary crate={request.crate} />}
      </Part>
    </div>
  );
}
