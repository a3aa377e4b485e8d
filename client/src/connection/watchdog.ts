import { createStopwatch } from './stopwatch.ts';

export interface Watchdog {
  /** The other side has shown that it is there. */
  received(): void;
  /** Asks now, unless it is overdue: then nobody is asked any more. */
  check(): void;
  /** The silence is as long as it can get. If nothing was noticed yet, page or computer have stood still. */
  readonly isOverdue: boolean;
  stop(): void;
}

/**
 * Notices that the other side is gone where nothing else reports it: a cable was pulled, a network changed. After some silence it
 * asks the other side, and waits for an answer. It also asks first when its timer was late because a laptop slept.
 * @param silenceMs how long it may be silent before it is asked, in milliseconds; it has a third of that to answer.
 */
export function createWatchdog(silenceMs: number, ask: () => void, onGone: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  const answerMs = silenceMs / 3;
  const sinceReceived = createStopwatch();
  const isOverdue = (): boolean => sinceReceived.elapsedMs >= silenceMs + answerMs;

  function watch(): void {
    clearTimeout(timer);
    timer = setTimeout(look, silenceMs);
  }
  function look(): void {
    const leftMs = silenceMs - sinceReceived.elapsedMs;
    if (leftMs > 0) timer = setTimeout(look, leftMs);
    else askNow();
  }
  function askNow(): void {
    if (isAsked) return;
    isAsked = true;
    clearTimeout(timer);
    timer = setTimeout(onGone, answerMs);
    ask();
  }

  watch();
  return {
    received() {
      sinceReceived.restart();
      if (!isAsked) return; // its timer looks at the time by itself: no timer is set for each message
      isAsked = false;
      watch();
    },
    check: () => (isOverdue() ? onGone() : askNow()),
    get isOverdue() {
      return isOverdue();
    },
    stop: () => clearTimeout(timer),
  };
}
