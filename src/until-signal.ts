import type { Logger } from './log.ts';

/** Resolves on the first signal to stop. A second one of its kind ends the process at once, as by default. */
export function untilSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'stopping');
        resolve();
      });
    }
  });
}
