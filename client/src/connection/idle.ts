import { listen } from './page-signals.ts';
import { createStopwatch } from './stopwatch.ts';
import { after } from './timer.ts';

/** Where the tabs share when there was input last, in Unix milliseconds. */
const KEY = 'dms-live:input';
const FAREWELL_MS = 5000;

/** When the user counts as away. */
export interface IdleOptions {
  /** How long nobody may have used the keyboard or the pointer in any tab of the site, in milliseconds. */
  readonly afterMs: number;
  /**
   * The user is away: sign out at the server, say. Called once in each tab. `onSessionEnd` is called when what this returns has
   * settled, and after 5 s at the latest.
   */
  onIdle?(): unknown;
}

export interface IdleWatch {
  /** Begins to watch, if it does not do so yet. */
  begin(): void;
  stop(): void;
}

/** @param end the user is away. `farewell` settles when the app has done what it does before the session ends. */
export function createIdleWatch(
  options: IdleOptions | undefined,
  end: (reason: string, farewell: Promise<void>) => void,
): IdleWatch {
  let stop: (() => void) | undefined;
  return {
    begin() {
      if (options === undefined) return;
      stop ??= watchForIdle(options.afterMs, () => {
        stop = undefined;
        end('You were away for too long: sign in again.', sayFarewell(options));
      });
    },
    stop() {
      stop?.();
      stop = undefined;
    },
  };
}

/**
 * Waits until there was no input in any tab for this long. A computer that slept so long is idle at once: the input that wakes it
 * comes too late. (A clock that was set forward by so much looks the same; better to sign in once too often.) The tabs share the
 * moment by `localStorage`, which a tab that was frozen can read before it decides; a message from another tab might not have
 * reached it yet. Without `localStorage` each tab counts for itself.
 * @returns how to stop.
 */
function watchForIdle(afterMs: number, onIdle: () => void): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
  const sinceInput = createStopwatch();
  const sinceShared = createStopwatch();
  const pointer = createPointer();
  let cancel = after(afterMs, look);
  share();

  /** In this tab, and if that was too long ago, in any. */
  function idleMs(): number {
    const own = sinceInput.elapsedMs;
    return own < afterMs ? own : Math.min(own, sinceInputOfAnyTab());
  }

  function look(): void {
    cancel();
    const leftMs = afterMs - idleMs();
    if (leftMs > 0) {
      cancel = after(leftMs, look);
      return;
    }
    stop();
    onIdle();
  }

  function input(event: Event): void {
    if (!pointer.hasMoved(event)) return;
    if (idleMs() >= afterMs) {
      look();
      return;
    }
    sinceInput.restart();
    if (sinceShared.elapsedMs < Math.min(1000, afterMs / 20)) return;
    sinceShared.restart();
    share();
  }

  const stops = [
    listen(window, {
      pointerdown: input,
      pointermove: input,
      keydown: input,
      wheel: input,
      touchmove: input,
    }),
    listen(window, { focus: look, pageshow: look }),
    listen(document, { resume: look, visibilitychange: look }),
  ];
  function stop(): void {
    cancel();
    for (const stopListening of stops) stopListening();
  }
  return stop;
}

/** Calls `onIdle`. Settles when what it returns has settled, or takes too long. */
async function sayFarewell({ onIdle }: IdleOptions): Promise<void> {
  let cancel: (() => void) | undefined;
  const tooLong = new Promise<void>((resolve) => {
    cancel = after(FAREWELL_MS, resolve);
  });
  try {
    await Promise.race([onIdle?.(), tooLong]);
  } catch (error) {
    reportError(error);
  }
  cancel?.();
}

/** Browsers report movements of a pointer that rests, when the page below it changes, as live pages do. */
function createPointer(): { hasMoved(event: Event): boolean } {
  let last = '';
  return {
    hasMoved(event) {
      if (event.type !== 'pointermove' || !('screenX' in event) || !('screenY' in event)) return true;
      const place = `${event.screenX} ${event.screenY}`;
      const hasMoved = place !== last;
      last = place;
      return hasMoved;
    },
  };
}

/** In milliseconds; `Infinity`: nobody knows. That is so too if the clock was set back meanwhile. */
function sinceInputOfAnyTab(): number {
  try {
    const ms = Date.now() - Number(localStorage.getItem(KEY));
    return ms < 0 ? Number.POSITIVE_INFINITY : ms;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function share(): void {
  try {
    localStorage.setItem(KEY, `${Date.now()}`);
  } catch {
    // this tab counts for itself
  }
}
