import type { ReactNode } from 'react';
import type { KpiRow } from '../api/rows.ts';
import { CRATE_TONES, REQUEST_TONES } from '../words/status.ts';
import { type Count, CountChart } from './count-chart.tsx';

export function ChartPanels({ kpis }: { readonly kpis: KpiRow | undefined }) {
  return (
    <div className="grid gap-4 lg:grid-cols-3">
      <Panel title="Requests by status">
        <CountChart
          title="Requests by status"
          counts={kpis?.requests_by_status?.map(
            ({ status, count }): Count => ({ name: status, count, tone: REQUEST_TONES[status] }),
          )}
        />
      </Panel>
      <Panel title="Requests by type">
        <CountChart
          title="Requests by type"
          counts={kpis?.requests_by_type?.map(
            ({ request_type, count }): Count => ({ name: request_type, count, tone: 'teal' }),
          )}
        />
      </Panel>
      <Panel title="Crates by status">
        <CountChart
          title="Crates by status"
          counts={kpis?.crates_by_status?.map(
            ({ status, count }): Count => ({ name: status, count, tone: CRATE_TONES[status] }),
          )}
        />
      </Panel>
    </div>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface px-4 py-3">
      <h2 className="mb-2 font-semibold">{title}</h2>
      {children}
    </section>
  );
}
