import type { LiveError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { TopicEvent } from './log-tail.ts';

/** Receives the events of a topic. An error that it throws is logged, and disturbs no other listener. */
export interface TopicListener {
  /** An event of the topic: in order, each once. */
  onEvent(event: TopicEvent): void;
  /** Events were lost for good (`CURSOR_EXPIRED`): nothing more will come. */
  onLost(error: LiveError): void;
}

/** The listeners of one topic. */
export interface Listeners {
  /** Adds a listener, even one that was added before. Returns a function that removes it, and says whether it was still there. */
  add(listener: TopicListener): () => boolean;
  readonly isEmpty: boolean;
  notify(event: TopicEvent): void;
  /** Removes all listeners. Returns a function that reports the loss to them. */
  removeAll(): (error: LiveError) => void;
}

/** Calls a listener. What it throws is logged. */
export function guarded(log: Logger, call: () => void): void {
  try {
    call();
  } catch (error) {
    report(log, error);
  }
}

function report(log: Logger, error: unknown): void {
  log.error({ err: error }, 'a listener failed');
}

export function createListeners(log: Logger): Listeners {
  /** Each is an object of its own, so that one listener may be added twice. */
  const all = new Set<{ readonly listener: TopicListener }>();
  /** A copy of `all` for `notify`, during which listeners may come and go. It is made after a change, and not for each event. */
  let listed: readonly { readonly listener: TopicListener }[] | undefined;

  return {
    add(listener) {
      const added = { listener };
      all.add(added);
      listed = undefined;
      return () => {
        listed = undefined;
        return all.delete(added);
      };
    },
    get isEmpty() {
      return all.size === 0;
    },
    notify(event) {
      listed ??= [...all];
      for (const { listener } of listed) {
        try {
          listener.onEvent(event);
        } catch (error) {
          report(log, error);
        }
      }
    },
    removeAll() {
      const removed = [...all];
      all.clear();
      listed = undefined;
      return (error) => {
        for (const { listener } of removed) guarded(log, () => listener.onLost(error));
      };
    },
  };
}
