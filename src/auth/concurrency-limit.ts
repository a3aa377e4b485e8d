import pLimit from 'p-limit';

/** Runs a task once it is its turn. Rejects with the signal's reason as soon as that is aborted; then the task never begins. */
export type InTurn = <Result>(task: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** Lets at most `limit` tasks run at a time. The others wait, first come, first served. */
export function limitConcurrency(limit: number): InTurn {
  const enqueue = pLimit(limit);
  return (task, signal) =>
    new Promise((resolve, reject) => {
      // p-limit knows no signals: an aborted task is left in its queue, and passed over when its turn comes.
      const giveUp = (): void => reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      enqueue(async () => {
        signal.throwIfAborted();
        return task();
      })
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', giveUp));
    });
}
