import { type Data, type LiveClient, type Operation, subscribed, useClient } from '../../support/clients.ts';
import type { Person } from './person.ts';
import type { World } from './world.ts';

/** The fields requested for each kind. They are enough to distinguish events and to compare them with the DMS's rows. */
export const SUBSCRIPTIONS = {
  requests: `subscription { requestUpdated { id action version actor { id name role } request {
    id requestType status unitId crate { id status storage { id roomName } documents { documentName } }
    createdBy { id name } approvedBy { id } allocatedBy { id } withdrawnBy { id } issuedBy { id }
    createdAt approvalDate allocationDate issueDate returnDate expectedReturnDate
  } } }`,
  crates: `subscription { crateUpdated { id action actor { id } crate {
    id status unitId destructionDate storage { id } documents { documentName documentNumber }
  } } }`,
  sendBacks: `subscription { sendBackCreated { id action actor { id } sendBack {
    id unitId reason sendbackType createdBy { id } requestId request { id status }
  } } }`,
  mySendBacks: 'subscription { sendBackCreated(mine: true) { id sendBack { unitId reason requestId } } }',
  storage: `subscription { storageUpdated { id action actor { id } locations {
    id unitId roomName rackName compartmentName shelfName
  } } }`,
  audit: `subscription { auditLogged { id action actor { id } entry {
    id unitId action objectType objectId user { id } at ipAddress changes
  } } }`,
  kpis: `subscription { dashboardKpis { unitId pendingApprovals overdueWithdrawals
    requestsByStatus { status count } requestsByType { requestType count } cratesByStatus { status count }
  } }`,
} as const;

export type Followed = keyof typeof SUBSCRIPTIONS;

export interface Following extends Operation {
  readonly client: LiveClient;
  /** The events of the next results, which are their single root fields. */
  events(count: number): Promise<Data[]>;
}

/** Subscribes to one kind of event with a person's own token, on a separate socket. */
export async function follow({ app }: World, { token }: Person, what: Followed): Promise<Following> {
  const client = useClient(app, token);
  // KPIs arrive at once. All other events arrive only once the topic is open.
  const isRetained = what === 'kpis';
  const operation = isRetained
    ? client.run(SUBSCRIPTIONS.kpis)
    : await subscribed(client, SUBSCRIPTIONS[what]);
  return {
    client,
    next: operation.next,
    data: operation.data,
    codes: operation.codes,
    stop: operation.stop,
    get pending() {
      return operation.pending;
    },
    async events(count) {
      const events: Data[] = [];
      while (events.length < count) events.push(Object.values(await operation.data())[0]);
      return events;
    },
  };
}
