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
    log.error({ err: error }, 'a listener failed');
  }
}

export function createListeners(log: Logger): Listeners {
  const all = new Set<TopicListener>();

  return {
    add(listener) {
      // An object of its own for each, so that one listener may be added twice.
      const added: TopicListener = {
        onEvent: (event) => listener.onEvent(event),
        onLost: (error) => listener.onLost(error),
      };
      all.add(added);
      return () => all.delete(added);
    },
    get isEmpty() {
      return all.size === 0;
    },
    notify(event) {
      for (const listener of [...all]) guarded(log, () => listener.onEvent(event));
    },
    removeAll() {
      const removed = [...all];
      all.clear();
      return (error) => {
        for (const listener of removed) guarded(log, () => listener.onLost(error));
      };
    },
  };
}
