import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { stringifyDocument, stringifyVariables } from '@urql/core';
import type { Backoff } from './backoff.ts';
import type { Link } from './link.ts';
import { createSubscription, type Subscription, type SubscriptionState } from './subscription.ts';
import type { Follower } from './types.ts';

export interface Subscriptions {
  follow<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    follower: Follower<Data>,
  ): () => void;
  /** Runs all of them over this link, and those to come. */
  attach(link: Link): void;
  /** The link is gone. */
  detach(): void;
  /** How each is doing. */
  inspect(): readonly SubscriptionState[];
  /** Forgets all. */
  clear(): void;
}

/**
 * All that is followed: one operation for equal ones, which is stopped when its last follower has left.
 * @param onWanted whether anything is followed, when that changes.
 */
export function createSubscriptions(
  createBackoff: () => Backoff,
  onWanted: (isWanted: boolean) => void,
): Subscriptions {
  const open = new Map<string, Subscription>();
  let link: Link | undefined;

  function find(query: string, variables: Readonly<Record<string, unknown>>): Subscription {
    const key = `${query}\n${stringifyVariables(variables)}`;
    const known = open.get(key);
    if (known !== undefined) return known;
    const subscription = createSubscription({ query, variables, backoff: createBackoff() });
    open.set(key, subscription);
    if (link !== undefined) subscription.attach(link);
    if (open.size === 1) onWanted(true);
    return subscription;
  }

  function remove(key: string, subscription: Subscription): void {
    if (open.get(key) !== subscription) return;
    open.delete(key);
    subscription.detach();
    if (open.size === 0) onWanted(false);
  }

  return {
    follow(document, variables, follower) {
      const query = stringifyDocument(document);
      const given: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(variables ?? {}));
      const subscription = find(query, given);
      const leave = subscription.add(follower);
      return () => {
        leave();
        if (!subscription.isFollowed) remove(`${query}\n${stringifyVariables(given)}`, subscription);
      };
    },
    attach(next) {
      link = next;
      for (const subscription of open.values()) subscription.attach(next);
    },
    detach() {
      link = undefined;
      for (const subscription of open.values()) subscription.detach();
    },
    inspect: () => [...open.values()].map((subscription) => subscription.inspect()),
    clear() {
      link = undefined;
      for (const subscription of open.values()) subscription.detach();
      open.clear();
    },
  };
}
