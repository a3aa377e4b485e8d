import type { z } from 'zod';
import type { Bus, Retention } from '../bus/bus.ts';
import type { Channel, EventKind, TopicNames } from '../events/topic-names.ts';
import type { eventSchemas } from './event.ts';
import type { LogPosition } from './position.ts';
import { readMessage } from './read-message.ts';

/** An event as a publisher writes it (contract, section 2): ids as strings or numbers, absent values left out. */
export type Publishable<Kind extends EventKind> = z.input<(typeof eventSchemas)[Kind]>;

export interface Publisher {
  /**
   * Appends an event to its topic's log and publishes it, in one step. To repeat it is safe: an event whose id was appended
   * before is dropped.
   * @returns its position, or `undefined` if it was appended before.
   * @throws {TypeError} that says what breaks the contract; whatever keeps Redis from taking it.
   */
  publish<C extends Channel>(channel: C, event: Publishable<C['kind']>): Promise<LogPosition | undefined>;
}

export function createPublisher(
  bus: Pick<Bus, 'append'>,
  names: Pick<TopicNames, 'logKeysOf'>,
  retention: Retention,
): Publisher {
  return {
    async publish(channel, event) {
      const json = JSON.stringify(event);
      const { event: checked, rejection } = readMessage(channel, Buffer.from(json));
      if (checked === undefined) throw new TypeError(`The event ${rejection.reason}: ${rejection.detail}.`);
      return bus.append(names.logKeysOf(channel), checked.data.id, json, retention);
    },
  };
}
