import type { RedisConnection } from './redis-connection.ts';

/** The part of an ioredis client that graphql-redis-subscriptions uses to subscribe. */
interface SubscriberClient {
  on(event: string, listener: (...args: unknown[]) => void): void;
  subscribe(channel: string, done: (error?: Error | null) => void): void;
  psubscribe(pattern: string, done: (error?: Error | null) => void): void;
  unsubscribe(name: string): void;
  punsubscribe(name: string): void;
}

export interface GuardedSubscriber {
  readonly client: SubscriberClient;
  /** Settles as the newest SUBSCRIBE for this name does. */
  confirmed(name: string): Promise<void>;
}

/**
 * Stands between graphql-redis-subscriptions 2.7 and ioredis, because the library turns a refused SUBSCRIBE into an unhandled
 * rejection even if its caller catches it, sends UNSUBSCRIBE and PUNSUBSCRIBE for every name, and lets both reject unhandled
 * when Redis is away. Here the library is told at once that all is well, so that its listener is in place before the first
 * message; whoever subscribed learns the truth from `confirmed`.
 */
export function guardSubscriber(connection: RedisConnection): GuardedSubscriber {
  const confirmations = new Map<string, Promise<void>>();
  const patterns = new Set<string>();

  function remember(name: string, outcome: Promise<unknown>): void {
    const confirmation = outcome.then(() => undefined);
    confirmation.catch(() => undefined); // the rejection is the business of whoever awaits `confirmed`
    confirmations.set(name, confirmation);
  }

  function forget(outcome: Promise<unknown>, name: string): void {
    confirmations.delete(name);
    outcome.catch(() => undefined); // the connection is gone, and with it the subscription
  }

  return {
    client: {
      on: (event, listener) => void connection.on(event, listener),
      subscribe(channel, done) {
        remember(channel, connection.subscribe(channel));
        done(null);
      },
      psubscribe(pattern, done) {
        patterns.add(pattern);
        remember(pattern, connection.psubscribe(pattern));
        done(null);
      },
      unsubscribe(name) {
        if (!patterns.has(name)) forget(connection.unsubscribe(name), name);
      },
      punsubscribe(name) {
        if (patterns.delete(name)) forget(connection.punsubscribe(name), name);
      },
    },
    confirmed: (name) => confirmations.get(name) ?? Promise.reject(new Error('not subscribed')),
  };
}
