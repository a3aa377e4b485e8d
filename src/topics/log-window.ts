import { EMPTY_LOG, type LogPosition } from '../bus/position.ts';
import { LiveError } from '../errors.ts';
import type { Topic } from '../events/topic-names.ts';
import { readCursor } from './cursor.ts';
import type { Hub } from './hub.ts';
import type { TopicEvent } from './log-tail.ts';

/** A time of a topic's log, up to now. */
export interface LogWindow {
  /** What happened in it: in order, each event once. */
  readonly events: readonly TopicEvent[];
  /** The events before it that are in memory anyway, the newest last. */
  readonly before: readonly TopicEvent[];
  /** How far back from `now` all events are there, in milliseconds. If that is less than was asked, there may be older ones, but not all. */
  readonly knownMs: number;
  /** By `performance.now()`. */
  readonly now: number;
  /** The position before the first event. */
  readonly first: LogPosition;
  /** The position of the last event. */
  readonly last: LogPosition;
}

/** How long opening a topic, or reading its log, may take, in milliseconds: while Redis is away nobody knows when that ends. */
const PATIENCE_MS = 5000;

/**
 * Reads the end of a topic's log, by the same way as a subscription that begins in the past: from memory as far as that reaches, and in
 * the room that replays share.
 * @param ms how far back.
 * @param signal ends the wait; then it rejects with the signal's reason.
 */
export async function readWindow(
  hub: Pick<Hub, 'open'>,
  topic: Topic,
  ms: number,
  signal: AbortSignal,
): Promise<LogWindow> {
  let newest: string | undefined;
  let lost: LiveError | undefined;
  const open = hub.open(topic, {
    onEvent({ cursor }) {
      newest = cursor ?? newest;
    },
    onLost(error) {
      lost = error;
    },
  });
  try {
    await soon(open.ready, signal);
    const reading = open.past(ms, Number.POSITIVE_INFINITY);
    if (reading === undefined) throw new Error(`The topic ${topic.kind} has no log.`);
    const past = await soon(reading, signal).catch((error: unknown) => {
      reading.then((late) => late.release()).catch(() => undefined); // nobody waits for it any more
      throw error;
    });
    try {
      // A part of what happened would look like all of it, and replace what the client knows.
      if (lost !== undefined || past.isInterrupted) throw unavailable();
      const last = readCursor(newest ?? open.start?.cursor ?? '') ?? EMPTY_LOG;
      const isWhole = past.ms >= Math.floor(ms);
      // A log that does not reach back so far begins with what it has.
      const events = past.events(last.offset, isWhole ? past.after : 0);
      const start = events[0]?.offset ?? last.offset + 1;
      return {
        events,
        before: past.events(start - 1, 0),
        knownMs: past.ms,
        now: past.now,
        first: { epoch: last.epoch, offset: start - 1 },
        last: { epoch: last.epoch, offset: last.offset },
      };
    } finally {
      past.release();
    }
  } finally {
    open.close();
  }
}

function soon<Result>(ready: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    const timer = setTimeout(() => reject(unavailable()), PATIENCE_MS);
    signal.addEventListener('abort', giveUp, { once: true });
    ready.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    });
  });
}

const unavailable = (): LiveError =>
  new LiveError('SERVICE_UNAVAILABLE', 'What happened meanwhile cannot be read now: try again in a moment.');
