import type { ReactElement } from 'react';
import type { SubscriptionState } from '../connection/subscription.ts';
import type { LiveStatus } from '../connection/types.ts';
import { Table, timeOf } from './table.tsx';

export function StatusTable({ statuses }: { readonly statuses: readonly LiveStatus[] }): ReactElement {
  const rows = statuses.map((status, index) => ({
    key: `${status.since} ${statuses.length - index}`,
    cells: [status.phase, timeOf(status.since), detailsOf(status)],
  }));
  return <Table caption="Connection" headers={['Phase', 'Since', 'Details']} rows={rows} empty="" />;
}

function detailsOf(status: LiveStatus): string {
  switch (status.phase) {
    case 'idle':
      return 'Nothing is followed.';
    case 'reconnecting':
      return `The next attempt by ${status.transport} is at ${timeOf(status.retryAt)}.`;
    case 'stopped':
      return `${status.code}: ${status.reason}`;
    case 'offline':
    case 'signed-out':
      return status.reason;
    default:
      return `By ${status.transport}.`;
  }
}

/** What is followed, and after which position it would resume. */
export function SubscriptionTable({
  subscriptions,
}: {
  readonly subscriptions: readonly SubscriptionState[];
}): ReactElement {
  const rows = subscriptions.map(({ query, variables, cursor, isStarted, isCatchingUp, refusal }) => {
    const given = JSON.stringify(variables);
    const state = refusal ? `Refused: ${refusal.code}. ${refusal.message}` : stateOf(isStarted, isCatchingUp);
    return { key: `${query} ${given}`, cells: [nameOf(query), given, state, cursor ?? 'none'] };
  });
  return (
    <Table
      caption="Subscriptions"
      headers={['Name', 'Variables', 'State', 'Cursor']}
      rows={rows}
      empty="Nothing is followed: no hook for queries is mounted below this provider."
    />
  );
}

function stateOf(isStarted: boolean, isCatchingUp: boolean): string {
  if (!isStarted) return 'Starting';
  return isCatchingUp ? 'Catching up' : 'Live';
}

const nameOf = (query: string): string => /subscription\s+(\w+)/.exec(query)?.[1] ?? 'subscription';
