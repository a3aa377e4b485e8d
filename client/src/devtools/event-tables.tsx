import type { ReactElement } from 'react';
import type { OwedFetchState } from '../query/owed-fetches.ts';
import type { SeenEvent, Touch } from './recorder.ts';
import { sentenceOf } from './sentences.ts';
import { LIST } from './styles.ts';
import { Table, timeOf } from './table.tsx';

interface EventTableProps {
  readonly events: readonly SeenEvent[];
  readonly unknownKeys: readonly string[];
}

export function EventTable({ events, unknownKeys }: EventTableProps): ReactElement {
  const rows = events.map((event) => ({
    key: event.number,
    cells: [
      timeOf(event.receivedAt),
      `${event.kind} ${event.action}`,
      event.ids.join(', '),
      event.actor,
      <Touches key="touches" event={event} unknownKeys={unknownKeys} />,
    ],
  }));
  return (
    <Table
      caption="Events, the newest first"
      headers={['Time', 'Event', 'Ids', 'By', 'Queries']}
      rows={rows}
      empty="No event since this was mounted."
    />
  );
}

function Touches({
  event: { kind, fate, touches },
  unknownKeys,
}: {
  readonly event: SeenEvent;
  readonly unknownKeys: readonly string[];
}): ReactElement {
  if (fate === 'held') return <>Held: `meta.live` of a mutation, or a hold of the page, keeps it back.</>;
  if (fate === 'older') return <>Ignored: something newer was received before.</>;
  if (touches.size === 0) return <>{hint(kind, unknownKeys)}</>;
  return (
    <ul style={LIST}>
      {[...touches].map(([hash, touch]) => (
        <li key={hash}>
          <code>{touch.queryKey}</code>: {outcomeOf(touch)}. {touch.why.map(sentenceOf).join(' ')}
        </li>
      ))}
    </ul>
  );
}

/** For "events arrive, but my list does not change". */
function hint(kind: string, unknownKeys: readonly string[]): string {
  const start = `No cached query is known to show a ${kind}. `;
  if (unknownKeys.length === 0) return `${start}Is its screen mounted, in this QueryClient?`;
  const more = unknownKeys.length > UNKNOWN_SHOWN ? ', …' : '';
  const keys = unknownKeys.slice(0, UNKNOWN_SHOWN).join(', ');
  return `${start}These keys are not known at all: ${keys}${more}. If one of them shows it, give LiveProvider \`queryKeys\`.`;
}

const UNKNOWN_SHOWN = 5;

function outcomeOf({ isPatched, isFetched }: Touch): string {
  if (isPatched) return isFetched ? 'patched and fetched' : 'patched';
  return isFetched ? 'fetched' : 'ignored';
}

interface OwedTableProps {
  readonly owed: readonly OwedFetchState[];
  readonly events: readonly SeenEvent[];
}

export function OwedTable({ owed, events }: OwedTableProps): ReactElement {
  const rows = owed.map(({ query, since, failures }) => ({
    key: query.queryHash,
    cells: [
      JSON.stringify(query.queryKey),
      timeOf(since),
      query.isActive() ? '' : 'Nobody looks at it: it is fetched when somebody does.',
      failures,
      failures > 0 ? String(query.state.error) : '',
      whyOwed(query.queryHash, events),
    ],
  }));
  return (
    <Table
      caption="Owed fetches"
      headers={['Query', 'Since', 'Waits for', 'Failures', 'Last error', 'Why']}
      rows={rows}
      empty="None: no query has to be fetched."
    />
  );
}

function whyOwed(hash: string, events: readonly SeenEvent[]): string {
  const event = events.find(({ touches }) => touches.get(hash)?.isFetched === true);
  if (event === undefined)
    return 'It was fetched before its events were followed, its answer was older than they are, or the page has set its data.';
  const why = event.touches.get(hash)?.why.map(sentenceOf).join(' ');
  return `${event.kind} ${event.action} ${event.ids.join(', ')}: ${why}`;
}
