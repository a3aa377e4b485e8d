import type { BusMessage, LogEntry } from '../bus/bus.ts';
import { type Envelope, isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { LogTail, TopicEvent } from './log-tail.ts';

/** Checks an event; `undefined`: it is passed over. */
export type ReadEvent = (channel: string, event: Buffer) => LiveEvent | undefined;

export interface LogDeliveryOptions {
  /** Of the positions in an envelope, the one in this log. */
  readonly positionIn: (envelope: Envelope) => LogPosition | undefined;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
  /** Takes the topic's events: in order, each once. Must not throw. */
  readonly deliver: (event: TopicEvent, bytes: number) => void;
}

/** Delivers what is next in a log, as a message or as an entry. */
export interface LogDelivery {
  /** Delivers a message if it is the next or a bare one, and drops it if it was delivered. `false`: events are missing before it. */
  take(message: BusMessage): boolean;
  /** Delivers entries of the log. Returns what is wrong with them, if anything. */
  takeAll(entries: readonly LogEntry[]): string | undefined;
}

/** @param tail is moved to what was delivered. */
export function createLogDelivery(
  { positionIn, read, deliver }: LogDeliveryOptions,
  tail: LogTail,
): LogDelivery {
  function advance(entry: LogEntry): void {
    deliver(tail.moveTo(entry, read(entry.channel, entry.event)), entry.event.length);
  }

  function deliverBare(channel: string, payload: Buffer): void {
    const event = read(channel, payload);
    if (event !== undefined) deliver({ event, offset: 0, cursor: undefined }, 0);
  }

  return {
    take({ channel, payload }) {
      const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
      const position = envelope && positionIn(envelope);
      if (envelope === undefined || position === undefined) deliverBare(channel, payload);
      else if (tail.isNext(position))
        advance({ position, channel, event: envelope.event, appendedBy: performance.now() });
      else return tail.wasDelivered(position, envelope.event);
      return true;
    },
    takeAll(entries) {
      for (const entry of entries) {
        if (!tail.isNext(entry.position)) return 'the log has a hole';
        advance(entry);
      }
      return undefined;
    },
  };
}
