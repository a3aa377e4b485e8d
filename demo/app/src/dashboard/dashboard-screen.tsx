import { useFreshness, useLiveCrates, useLiveKpis, useLiveRequests } from 'dms-live-react';
import { useState } from 'react';
import { type Span, useAges, useTrends } from '../api/figures.ts';
import { useKpis } from '../api/others.ts';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { describeWaiting } from '../ui/waiting.tsx';
import { clockWithSeconds } from '../words/time.ts';
import { Cards } from './cards.tsx';
import { CratesByStatus, RequestsByStatus, RequestsByType } from './kpi-bars.tsx';
import { TimeInStatus } from './time-in-status.tsx';
import { TrendPanel } from './trend-panel.tsx';
import { useFetchWhenDue } from './use-fetch-when-due.ts';
import { LongestOverdue, WaitingLongest } from './work-lists.tsx';

export default function DashboardScreen() {
  const unit = useUnit();
  const live = [
    useLiveKpis(unit || undefined),
    useLiveRequests(unit || undefined),
    useLiveCrates(unit || undefined),
  ];
  const kpis = useKpis(unit);
  const known = kpis.isPlaceholderData ? undefined : kpis.data;
  const ages = useAges(unit);
  const [span, setSpan] = useState<Span>(1);
  const day = useTrends(unit, 1);
  const trends = useTrends(unit, span);
  const agesWaiting = describeWaiting('The times', useFreshness(ages));
  const trendsWaiting = describeWaiting('The trends', useFreshness(trends));
  useFetchWhenDue(ages.data?.next_due);
  return (
    <ScreenFrame title="Dashboard" queries={[kpis]} live={live}>
      <Loaded query={kpis}>
        <div className="flex flex-col gap-4" aria-busy={kpis.isPending}>
          <Cards kpis={known} ages={ages.data} trends={day.data} />
          <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
            <div className="lg:col-span-2">
              <TrendPanel
                span={span}
                onSpan={setSpan}
                trends={trends.data}
                knownSince={day.data?.known_since}
                waiting={trendsWaiting}
              />
            </div>
            <WaitingLongest />
            <TimeInStatus ages={ages.data} waiting={agesWaiting} />
            <LongestOverdue />
            <RequestsByStatus kpis={known} />
            <RequestsByType kpis={known} />
            <CratesByStatus kpis={known} />
          </div>
          <p className="text-xs text-ink-faint">
            {known?.computed_at != null && `Counted at ${clockWithSeconds(known.computed_at)}`}
          </p>
        </div>
      </Loaded>
    </ScreenFrame>
  );
}
