import type { BusMessage } from '../bus/bus.ts';
import { isEnvelope } from '../bus/envelope.ts';

/**
 * What this process does with the messages of a topic. While they wait, at most {@link MAX_WAITING} are kept; those beyond are
 * dropped, and the log is read for them.
 *
 * | state     | a message that comes                     | leaves it for                                                      |
 * |-----------|------------------------------------------|--------------------------------------------------------------------|
 * | `opening` | waits                                    | `live`: the log's end was found; `reading`: and more is to be read |
 * | `live`    | is delivered, if it is the next          | `reading`: events are missing before it, or may be             |
 * | `reading` | waits                                    | `live`: the log was read, and nothing is missing                   |
 * | `paused`  | waits                                    | `reading`: `resume`; `opening`: the same before the end was found  |
 * | `closed`  | is dropped                               |                                                                    |
 *
 * Every state but `closed` becomes `paused` by `pause`, and `closed` by `close`, or when events were lost. While it is `paused`
 * the log may be read too, and what it has is delivered; only the messages go on waiting.
 */
type State = 'opening' | 'live' | 'reading' | 'paused' | 'closed';

/** How many messages may wait. The log has those beyond too; bare ones are delivered at most once anyhow. */
const MAX_WAITING = 1000;

/** The messages of a topic, and the state that says what becomes of them. */
export interface Inbox {
  readonly state: State;
  receive(message: BusMessage): void;
  /** From now on messages wait. */
  wait(until: 'opening' | 'reading'): void;
  /** Unless it is paused or closed: delivers the messages that waited. Returns the first that lacks what comes before it, if any. */
  goLive(): BusMessage | undefined;
  pause(): void;
  close(): void;
}

export interface InboxSteps {
  /** Delivers a message, or returns `false`: events are missing before it. */
  readonly deliver: (message: BusMessage) => boolean;
  /** Called after a message that came, or had waited, could not be delivered. It waits again. */
  readonly onGap: () => void;
  /** A message was dropped, since too many wait. */
  readonly onFull: () => void;
}

export function createInbox({ deliver, onGap, onFull }: InboxSteps): Inbox {
  let state: State = 'opening';
  let waiting: BusMessage[] = [];
  const isIn = (one: State): boolean => state === one;

  function accept(message: BusMessage): void {
    if (deliver(message)) return;
    waiting = [message];
    onGap();
  }

  return {
    get state() {
      return state;
    },
    receive(message) {
      if (isIn('closed')) return;
      if (isIn('live')) accept(message);
      else if (waiting.length < MAX_WAITING) waiting.push(message);
      else onFull();
    },
    wait(until) {
      state = until;
    },
    goLive() {
      if (isIn('paused') || isIn('closed')) return undefined;
      const messages = waiting;
      waiting = [];
      state = 'live';
      for (const [index, message] of messages.entries()) {
        accept(message);
        if (isIn('live')) continue;
        waiting = messages.slice(index);
        break;
      }
      return waiting[0];
    },
    pause() {
      if (isIn('closed')) return;
      // What waits came by the connection that is lost, and a fail-over may have lost it too: if not, it is read from the log.
      waiting = waiting.filter(({ payload }) => !isEnvelope(payload));
      state = 'paused';
    },
    close() {
      state = 'closed';
      waiting = [];
    },
  };
}
