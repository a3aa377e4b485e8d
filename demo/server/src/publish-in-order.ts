import type { Logger } from 'dms-live';
import type { Publisher } from 'dms-live/publisher';
import type { Message } from './desk.ts';

/** Publishes messages in the order of the calls. Settles when they are published, or could not be: it never rejects. */
export type PublishInOrder = (messages: readonly Message[]) => Promise<void>;

/** @param signal ends it: what is not out yet is left. */
export function createPublishInOrder(publisher: Publisher, log: Logger, signal: AbortSignal): PublishInOrder {
  async function publish(messages: readonly Message[]): Promise<void> {
    try {
      for (const { topic, event } of messages) {
        if (!signal.aborted) await publisher.publish(topic, event);
      }
    } catch (error) {
      // What was done is done, as in a DMS whose transaction is through: those who missed it refetch.
      if (!signal.aborted)
        log.warn(
          { reason: error instanceof Error ? error.message : error },
          'the demo could not publish an event',
        );
    }
  }

  let last = Promise.resolve();
  return (messages) => {
    last = last.then(() => publish(messages));
    return last;
  };
}
