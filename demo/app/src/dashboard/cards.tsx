import type { Ages, Trends } from '../api/figures.ts';
import { OVERDUE } from '../api/requests.ts';
import type { KpiRow, RequestStatus } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { classes } from '../ui/classes.ts';
import { describeDuration, inDigits } from '../words/amounts.ts';
import { countIn } from '../words/status.ts';
import { describeMore } from './trend-words.ts';
import { useNow } from './use-now.ts';

interface CardsProps {
  readonly kpis: KpiRow | undefined;
  readonly ages: Ages | undefined;
  /** Of the last 24 hours. */
  readonly trends: Trends | undefined;
}

/** What one looks at first. Each card opens exactly the rows that it counts. */
export function Cards({ kpis, ages, trends }: CardsProps) {
  const unit = useUnit();
  const now = useNow();
  const { role } = useMe();
  const ofStatus = (status: RequestStatus) => {
    const age = ages?.by_status.find((one) => one.status === status);
    return {
      value: kpis?.requests_by_status && countIn(kpis.requests_by_status, status),
      detail: longestOf('The longest for', age?.longest_since, now),
      href: addressOf('requests', { status, unit }),
    };
  };
  const crates = kpis?.crates_by_status;
  const cards = {
    waiting: (
      <Card
        key="waiting"
        label="Waiting for approval"
        {...ofStatus('Pending')}
        more={trends && describeMore(trends, 1)}
      />
    ),
    overdue: (
      <Card
        key="overdue"
        label="Overdue withdrawals"
        value={kpis?.overdue_withdrawals}
        detail={longestOf('The longest by', ages?.overdue.longest_since, now)}
        isBad={(kpis?.overdue_withdrawals ?? 0) > 0}
        href={addressOf('requests', { status: OVERDUE, unit })}
      />
    ),
    approved: <Card key="approved" label="Approved, to be carried out" {...ofStatus('Approved')} />,
    sentBack: <Card key="sentBack" label="Sent back for correction" {...ofStatus('Sent Back')} />,
    out: (
      <Card
        key="out"
        label="Crates out of the store"
        value={crates && countIn(crates, 'Withdrawn')}
        detail={crates && `of ${inDigits(countIn(crates, ''))} crates`}
        href={addressOf('crates', { status: 'Withdrawn', unit })}
      />
    ),
  };
  return (
    <ul aria-label="What waits" className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-5">
      {(ORDER[role] ?? USUAL_ORDER).map((name) => cards[name])}
    </ul>
  );
}

const USUAL_ORDER = ['waiting', 'overdue', 'approved', 'sentBack', 'out'] as const;

/** What waits for oneself stands first: those who make requests also correct them. */
const ORDER: Readonly<Record<string, readonly (typeof USUAL_ORDER)[number][]>> = {
  'Section Head': ['sentBack', 'overdue', 'waiting', 'approved', 'out'],
  'Section Clerk': ['sentBack', 'overdue', 'waiting', 'approved', 'out'],
};

interface CardProps {
  readonly label: string;
  /** Not known yet, or not counted: a dash. */
  readonly value: number | null | undefined;
  readonly detail?: string | null | undefined;
  /** Whether it gets better or worse. */
  readonly more?: string | undefined;
  readonly isBad?: boolean;
  readonly href: string;
}

function Card({ label, value, detail, more, isBad = false, href }: CardProps) {
  return (
    <li className="max-xl:last:col-span-2">
      <a
        href={href}
        className="flex h-full min-h-25 flex-col rounded-lg border border-line bg-surface px-4 py-3 hover:border-line-strong"
      >
        <span className="text-ink-soft">{label}</span>
        <span
          data-figure
          className={classes('mt-1.5 text-3xl leading-none font-semibold', isBad && 'text-danger')}
        >
          {value == null ? '–' : inDigits(value)}
        </span>
        <span className="mt-auto pt-2 text-xs text-ink-faint">
          {value === 0 ? <span className="block">Nothing</span> : <span className="block">{detail}</span>}
          <span className="block">{more}</span>
        </span>
      </a>
    </li>
  );
}

function longestOf(words: string, since: string | null | undefined, now: number): string | undefined {
  return since == null ? undefined : `${words} ${describeDuration(now - Date.parse(since))}`;
}
