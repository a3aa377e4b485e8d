import type { KpiRow } from '../api/rows.ts';
import { CRATE_TONES, REQUEST_TONES } from '../words/status.ts';
import { type Count, CountChart } from './count-chart.tsx';

interface KpiChartProps {
  readonly kpis: KpiRow | undefined;
}

export function RequestsByStatus({ kpis }: KpiChartProps) {
  const counts = kpis?.requests_by_status?.map(
    ({ status, count }): Count => ({ name: status, count, tone: REQUEST_TONES[status] }),
  );
  return <CountChart title="Requests by status" counts={counts} />;
}

export function RequestsByType({ kpis }: KpiChartProps) {
  const counts = kpis?.requests_by_type?.map(
    ({ request_type, count }): Count => ({ name: request_type, count, tone: 'teal' }),
  );
  return <CountChart title="Requests by type" counts={counts} />;
}

export function CratesByStatus({ kpis }: KpiChartProps) {
  const counts = kpis?.crates_by_status?.map(
    ({ status, count }): Count => ({ name: status, count, tone: CRATE_TONES[status] }),
  );
  return <CountChart title="Crates by status" counts={counts} />;
}
