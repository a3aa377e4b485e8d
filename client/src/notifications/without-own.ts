import type { LiveClient } from '../connection/types.ts';
import { viewerStoreOf } from './viewer-store.ts';

interface Deed {
  /** Who did it; `null`: the system. */
  readonly actor: { readonly id: string } | null;
}

/** Delivers what others have done. */
export interface WithoutOwn<Event> {
  event(event: Event): void;
  /** Delivers nothing from now on. */
  close(): void;
}

/** More events than this do not wait. */
const MOST_WAITING = 100;

/**
 * Delivers events in order, but for those of the user. Until it is known who that is, events wait: a query that fails is asked
 * again, and nobody is notified of what they did themselves.
 */
export function withoutOwn<Event extends Deed>(
  client: LiveClient,
  deliver: (event: Event) => void,
): WithoutOwn<Event> {
  const viewers = viewerStoreOf(client);
  let waiting: Event[] = [];
  let isOpen = true;
  let stop: (() => void) | undefined;

  function give(event: Event): void {
    if (isOpen && (event.actor === null || event.actor.id !== viewers.get()?.id)) deliver(event);
  }

  function giveWaiting(): void {
    if (viewers.get() === undefined) return;
    // One by one: what a handler throws disturbs no other event.
    for (const event of waiting) queueMicrotask(() => give(event));
    waiting = [];
  }

  return {
    event(event) {
      if (viewers.get() !== undefined || (event.actor === null && waiting.length === 0)) {
        give(event);
        return;
      }
      waiting = [...waiting, event].slice(-MOST_WAITING);
      stop ??= viewers.watch(giveWaiting);
    },
    close() {
      isOpen = false;
      waiting = [];
      stop?.();
    },
  };
}
