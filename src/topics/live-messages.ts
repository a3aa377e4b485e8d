import type { Position } from 'yoga-shared-subscriptions';
import type { BusMessage } from '../bus/bus.ts';
import { type Envelope, isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import { sealOf } from '../bus/seal.ts';
import { writeCursor } from './cursor.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { readEachOnce } from './seen-ids.ts';

export interface LiveMessagesOptions {
  /** The log that events of a channel are kept in, where the channel is one of ours. */
  readonly streamOf: (channel: string) => string | undefined;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
}

/** Delivers the messages of a topic without a log of its own. It may be of channels that have one each. */
export function receiveLive(
  { streamOf, read }: LiveMessagesOptions,
  notify: (event: TopicEvent) => void,
): (message: BusMessage) => void {
  const readNew = readEachOnce()(read);
  return ({ channel, payload }) => {
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const event = readNew(channel, envelope?.event ?? payload);
    const position = envelope && positionOf(envelope, streamOf(channel));
    if (event !== undefined) notify({ event, offset: position?.offset ?? 0, cursor: position?.cursor });
  };
}

/** Where an event stands in the log of its channel. */
function positionOf({ inTopic, event }: Envelope, stream: string | undefined): Position | undefined {
  if (stream === undefined) return undefined;
  const seal = sealOf(stream, inTopic, event);
  return { offset: inTopic.offset, cursor: writeCursor({ ...inTopic, seal }) };
}
