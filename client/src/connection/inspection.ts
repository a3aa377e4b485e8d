import type { SubscriptionState } from './subscription.ts';
import type { LiveClient } from './types.ts';

/** How the operations of a client are doing. */
export type Inspect = () => readonly SubscriptionState[];

const inspections = new WeakMap<LiveClient, Inspect>();

/** Remembers how to inspect a client, for the devtools. The client itself does not show it. */
export function withInspection<Client extends LiveClient>(client: Client, inspect: Inspect): Client {
  inspections.set(client, inspect);
  return client;
}

export const subscriptionsOf = (client: LiveClient): readonly SubscriptionState[] =>
  inspections.get(client)?.() ?? [];
