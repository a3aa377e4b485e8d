import type { RedisConnection } from './redis-connection.ts';
import type { Subscriptions } from './redis-subscriptions.ts';

/** The part of an ioredis client that graphql-redis-subscriptions uses to subscribe. */
interface SubscriberClient {
  on(event: string, listener: (...args: unknown[]) => void): void;
  subscribe(channel: string, done: (error?: Error | null) => void): void;
  psubscribe(pattern: string, done: (error?: Error | null) => void): void;
  unsubscribe(name: string): void;
  punsubscribe(name: string): void;
}

/**
 * Stands between graphql-redis-subscriptions 2.7 and ioredis, because the library turns a refused SUBSCRIBE into an unhandled
 * rejection even if its caller catches it, sends UNSUBSCRIBE and PUNSUBSCRIBE for every name, and lets both reject unhandled
 * when Redis is away. Here the library gets the answer at once that all is well, so that its listener is in place before the first
 * message. `subscriptions` knows the real state of each subscription.
 */
export function guardSubscriber(connection: RedisConnection, subscriptions: Subscriptions): SubscriberClient {
  return {
    on: (event, listener) => void connection.on(event, listener),
    subscribe(channel, done) {
      subscriptions.want(channel, false);
      done(null);
    },
    psubscribe(pattern, done) {
      subscriptions.want(pattern, true);
      done(null);
    },
    unsubscribe: (name) => subscriptions.unwant(name, false),
    punsubscribe: (name) => subscriptions.unwant(name, true),
  };
}
