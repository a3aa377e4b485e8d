import { useLiveKpis, useLiveRequests } from 'dms-live-react';
import { useKpis } from '../api/others.ts';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Failure } from '../ui/failure.tsx';
import { clockWithSeconds } from '../words/time.ts';
import { ChartPanels } from './chart-panels.tsx';
import { Figures } from './figures.tsx';
import { WorkLists } from './work-lists.tsx';

export default function DashboardScreen() {
  const unit = useUnit();
  const liveKpis = useLiveKpis(unit || undefined);
  const liveRequests = useLiveRequests(unit || undefined);
  const kpis = useKpis(unit);
  return (
    <ScreenFrame title="Dashboard" isUpdating={liveKpis.isUpdating || liveRequests.isUpdating}>
      {kpis.isError ? (
        <Failure error={kpis.error} onRetry={() => void kpis.refetch()} />
      ) : (
        <div className="flex flex-col gap-4" aria-busy={kpis.isPending}>
          <Figures kpis={kpis.data} />
          <ChartPanels kpis={kpis.data} />
          <WorkLists />
          <p className="text-xs text-ink-faint">
            {kpis.data?.computed_at != null && `Counted at ${clockWithSeconds(kpis.data.computed_at)}`}
          </p>
        </div>
      )}
    </ScreenFrame>
  );
}
