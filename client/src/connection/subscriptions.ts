import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { stringifyVariables } from '@urql/core';
import type { Backoff } from './backoff.ts';
import type { Link } from './link.ts';
import { type NamedDocument, nameDocument } from './sent-document.ts';
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

  function create(
    key: string,
    document: NamedDocument,
    variables: Readonly<Record<string, unknown>>,
  ): Subscription {
    const subscription = createSubscription({ ...document, variables, backoff: createBackoff() });
    open.set(key, subscription);
    return subscription;
  }

  function begin(subscription: Subscription): void {
    if (link !== undefined) subscription.attach(link);
    if (open.size === 1) onWanted(true);
  }

  function remove(key: string, subscription: Subscription): void {
    if (open.get(key) !== subscription) return;
    open.delete(key);
    subscription.detach();
    if (open.size === 0) onWanted(false);
  }

  return {
    follow(document, variables, follower) {
      const named = nameDocument(document);
      const given: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(variables ?? {}));
      const key = `${named.query || named.documentId}\n${stringifyVariables(given)}`;
      const known = open.get(key);
      const subscription = known ?? create(key, named, given);
      const leave = subscription.add(follower);
      if (known === undefined) begin(subscription); // only now, since the follower says how far back
      return () => {
        leave();
        if (!subscription.isFollowed) remove(key, subscription);
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
