import type { Bus, Retention } from '../bus/bus.ts';
import type { Channel, TopicNames } from '../events/topic-names.ts';
import type { LogPosition } from './position.ts';
import { readMessage } from './read-message.ts';

export interface Publisher {
  /**
   * Appends an event to its topic's log and publishes it, in one step. To repeat it is safe: an event whose id was appended
   * before is dropped.
   * @returns its position, or `undefined` if it was appended before.
   * @throws {TypeError} that says what breaks the contract; whatever keeps Redis from taking it.
   */
  publish(channel: Channel, event: object): Promise<LogPosition | undefined>;
}

export function createPublisher(
  bus: Pick<Bus, 'append'>,
  names: Pick<TopicNames, 'kinds' | 'logKeysOf'>,
  retention: Retention,
): Publisher {
  return {
    async publish(channel, event) {
      const json = JSON.stringify(event);
      const { event: checked, rejection } = readMessage(names.kinds, channel, Buffer.from(json));
      if (checked === undefined) throw new TypeError(`The event ${rejection.reason}: ${rejection.detail}.`);
      return bus.append(names.logKeysOf(channel), checked.data.id, json, retention);
    },
  };
}
