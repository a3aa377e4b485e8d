/** Runs a task once it is its turn. Rejects with the signal's reason when that is aborted before. */
export type InTurn = <Result>(task: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** Lets so many tasks run at a time; the others wait, first come, first served. */
export function atMost(limit: number): InTurn {
  const waiting = new Set<() => void>();
  let running = 0;

  async function begin(signal: AbortSignal): Promise<void> {
    if (running < limit) {
      running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(start);
        reject(signal.reason);
      };
      waiting.add(start);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The place of one that is done goes to the one that has waited longest. */
  function end(): void {
    const [next] = waiting;
    if (next === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return async (task, signal) => {
    await begin(signal);
    try {
      return await task();
    } finally {
      end();
    }
  };
}
