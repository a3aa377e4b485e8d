/** Runs one thing again and again: never twice at a time, and not more often than every few milliseconds. */
export interface Turns {
  /** Asks for a turn that begins from now on. Resolves when it is over. */
  ask(): Promise<void>;
  close(): void;
}

/** The shortest time between two turns, in milliseconds. */
const PAUSE_MS = 250;

/** @param run must not reject. */
export function takeTurns(run: () => Promise<void>): Turns {
  let due: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  let isRunning = false;
  let pause: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function take(): Promise<void> {
    if (due === undefined || isRunning || pause !== undefined || isClosed) return;
    const { end } = due;
    due = undefined;
    isRunning = true;
    await run();
    isRunning = false;
    end();
    if (isClosed) return;
    pause = setTimeout(() => {
      pause = undefined;
      void take();
    }, PAUSE_MS).unref();
  }

  return {
    ask() {
      due ??= createTurn();
      const { over } = due;
      void take();
      return over;
    },
    close() {
      isClosed = true;
      clearTimeout(pause);
      due?.end();
    },
  };
}

function createTurn() {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}
