import { createBackoff } from '../connection/backoff.ts';
import type { LiveClient } from '../connection/types.ts';
import { viewerIdOf } from './viewer-id.ts';

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
  const backoff = createBackoff(1000, 30_000);
  let viewerId: string | undefined;
  let waiting: Event[] = [];
  let isAsking = false;
  let isOpen = true;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function give(event: Event): void {
    if (isOpen && (event.actor === null || event.actor.id !== viewerId)) deliver(event);
  }

  async function ask(): Promise<void> {
    isAsking = true;
    const answer = await viewerIdOf(client);
    if (!isOpen) return;
    if (answer === undefined) {
      timer = setTimeout(() => void ask(), backoff.next());
      return;
    }
    viewerId = answer;
    // One by one: what a handler throws disturbs no other event.
    for (const event of waiting) queueMicrotask(() => give(event));
    waiting = [];
  }

  return {
    event(event) {
      if (viewerId !== undefined || (event.actor === null && waiting.length === 0)) {
        give(event);
        return;
      }
      waiting = [...waiting, event].slice(-MOST_WAITING);
      if (!isAsking) void ask();
    },
    close() {
      isOpen = false;
      waiting = [];
      clearTimeout(timer);
    },
  };
}
