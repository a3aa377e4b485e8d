import type { KpiRow, RequestStatus } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { useUnit } from '../shell/unit-select.tsx';
import { classes } from '../ui/classes.ts';

const UNDER_WAY: readonly RequestStatus[] = ['Pending', 'Sent Back', 'Approved', 'Issued', 'Returned'];

/** The numbers one looks at first. Each leads to what it counts. */
export function Figures({ kpis }: { readonly kpis: KpiRow | undefined }) {
  const unit = useUnit();
  const underWay = sumOf(kpis?.requests_by_status?.filter(({ status }) => UNDER_WAY.includes(status)));
  const out = kpis?.crates_by_status?.find(({ status }) => status === 'Withdrawn')?.count;
  return (
    <ul className="grid grid-cols-2 gap-4 lg:grid-cols-4">
      <Figure
        label="Waiting for approval"
        value={kpis?.pending_approvals}
        href={addressOf('requests', { status: 'Pending', unit })}
      />
      <Figure
        label="Overdue withdrawals"
        value={kpis?.overdue_withdrawals}
        isBad={(kpis?.overdue_withdrawals ?? 0) > 0}
        href={addressOf('requests', { type: 'Withdrawal', status: 'Issued', unit })}
      />
      <Figure label="Requests under way" value={underWay} href={addressOf('requests', { unit })} />
      <Figure
        label="Crates out of the store"
        value={out}
        href={addressOf('crates', { status: 'Withdrawn', unit })}
      />
    </ul>
  );
}

interface FigureProps {
  readonly label: string;
  /** Not known yet, or not counted: a dash. */
  readonly value: number | null | undefined;
  readonly isBad?: boolean;
  readonly href: string;
}

function Figure({ label, value, isBad = false, href }: FigureProps) {
  return (
    <li>
      <a
        href={href}
        className="flex h-22 flex-col justify-between rounded-lg border border-line bg-surface px-4 py-3 hover:border-line-strong"
      >
        <span className="text-ink-soft">{label}</span>
        <span className={classes('text-3xl leading-none font-semibold', isBad && 'text-danger')}>
          {value ?? '–'}
        </span>
      </a>
    </li>
  );
}

function sumOf(counts: readonly { readonly count: number }[] | undefined): number | undefined {
  return counts?.reduce((sum, { count }) => sum + count, 0);
}
