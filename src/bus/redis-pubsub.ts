import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Logger } from '../log.ts';
import type { Bus, BusMessage, BusSubscription, ChannelName, SubscriptionState } from './bus.ts';
import type { RedisConnection } from './redis-connection.ts';
import { guardSubscriber } from './redis-subscriber.ts';
import type { Subscriptions } from './redis-subscriptions.ts';

export interface RedisPubSubOptions {
  readonly subscriberConnection: RedisConnection;
  /** The library wants one; nothing is published through it. */
  readonly commands: RedisConnection;
  readonly subscriptions: Subscriptions;
  readonly log: Logger;
}

/** Subscribes to channels and patterns; `subscriptions` knows the state of each. */
export function createRedisPubSub(options: RedisPubSubOptions): Bus['subscribe'] {
  const { subscriptions, log } = options;
  const pubsub = new RedisPubSub({
    // The types ask for a whole ioredis client. To subscribe, the library uses only what the guard offers.
    subscriber: guardSubscriber(options.subscriberConnection, subscriptions) as unknown as RedisConnection,
    publisher: options.commands,
    messageEventName: 'messageBuffer',
    pmessageEventName: 'pmessageBuffer',
    deserializer: (payload, context): BusMessage => ({
      channel: context?.channel ?? '',
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload),
    }),
  });
  return (name, onMessage, onState) => subscribeTo({ pubsub, subscriptions, log }, name, onMessage, onState);
}

interface SubscribingParts {
  readonly pubsub: RedisPubSub;
  readonly subscriptions: Subscriptions;
  readonly log: Logger;
}

function subscribeTo(
  { pubsub, subscriptions, log }: SubscribingParts,
  name: ChannelName,
  onMessage: (message: BusMessage) => void,
  onState: ((state: SubscriptionState) => void) | undefined,
): BusSubscription {
  const trigger = name.pattern ?? name.channel;
  const registered = pubsub.subscribe(trigger, onMessage, { pattern: name.pattern !== undefined });
  let isOpen = true;
  let becomeReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const stopObserving = subscriptions.observe(trigger, (state) => {
    if (state === 'live') becomeReady();
    onState?.(state);
  });
  if (subscriptions.stateOf(trigger) !== 'away') {
    queueMicrotask(() => {
      const state = subscriptions.stateOf(trigger);
      if (!isOpen) return;
      if (state === 'live') becomeReady();
      onState?.(state);
    });
  }
  return {
    ready,
    close() {
      if (!isOpen) return;
      isOpen = false;
      stopObserving();
      registered
        .then((id) => pubsub.unsubscribe(id))
        .catch((err: unknown) => log.error({ err }, 'unsubscribe failed'));
    },
  };
}
