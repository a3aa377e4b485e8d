import { useLiveKpis, useLiveRequests } from 'dms-live-react';
import { useKpis } from '../api/others.ts';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { clockWithSeconds } from '../words/time.ts';
import { Figures } from './figures.tsx';
import { CratesByStatus, RequestsByStatus, RequestsByType } from './kpi-charts.tsx';
import { LongestOverdue, WaitingLongest } from './work-lists.tsx';

export default function DashboardScreen() {
  const unit = useUnit();
  const liveKpis = useLiveKpis(unit || undefined);
  const liveRequests = useLiveRequests(unit || undefined);
  const kpis = useKpis(unit);
  return (
    <ScreenFrame title="Dashboard" queries={[kpis]} live={[liveKpis, liveRequests]}>
      <Loaded query={kpis}>
        <div className="flex flex-col gap-4" aria-busy={kpis.isPending}>
          <Figures kpis={kpis.data} />
          <div className="grid gap-4 lg:grid-cols-2">
            <RequestsByStatus kpis={kpis.data} />
            <WaitingLongest />
            <div className="grid gap-4 xl:grid-cols-2">
              <RequestsByType kpis={kpis.data} />
              <CratesByStatus kpis={kpis.data} />
            </div>
            <LongestOverdue />
          </div>
          <p className="text-xs text-ink-faint">
            {kpis.data?.computed_at != null && `Counted at ${clockWithSeconds(kpis.data.computed_at)}`}
          </p>
        </div>
      </Loaded>
    </ScreenFrame>
  );
}
