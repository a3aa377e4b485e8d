import { CRATE_STATUSES, type KpiRow, REQUEST_STATUSES, REQUEST_TYPES } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { CRATE_TONES, REQUEST_TONES } from '../words/status.ts';
import { CountBars } from './count-bars.tsx';

interface KpiBarsProps {
  readonly kpis: KpiRow | undefined;
}

export function RequestsByStatus({ kpis }: KpiBarsProps) {
  const unit = useUnit();
  const counts = kpis?.requests_by_status?.map(({ status, count }) => ({
    name: status,
    count,
    tone: REQUEST_TONES[status],
    href: addressOf('requests', { status, unit }),
  }));
  return <CountBars title="Requests by status" counts={counts} usual={REQUEST_STATUSES.length} />;
}

export function RequestsByType({ kpis }: KpiBarsProps) {
  const unit = useUnit();
  const counts = kpis?.requests_by_type?.map(({ request_type: type, count }) => ({
    name: type,
    count,
    tone: 'teal' as const,
    href: addressOf('requests', { type, unit }),
  }));
  return <CountBars title="Requests by type" counts={counts} usual={REQUEST_TYPES.length} />;
}

export function CratesByStatus({ kpis }: KpiBarsProps) {
  const unit = useUnit();
  const counts = kpis?.crates_by_status?.map(({ status, count }) => ({
    name: status,
    count,
    tone: CRATE_TONES[status],
    href: addressOf('crates', { status, unit }),
  }));
  return <CountBars title="Crates by status" counts={counts} usual={CRATE_STATUSES.length} />;
}
