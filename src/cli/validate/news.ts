/** Waits until something has happened, rather than for a time to pass. */
export interface News {
  /** Something has changed: those who wait look again. */
  changed(): void;
  /** Resolves with `true` once the condition holds, and with `false` if it does not within this time. */
  until(condition: () => boolean, patienceMs: number): Promise<boolean>;
}

export function createNews(): News {
  const waiting = new Set<() => void>();
  return {
    changed() {
      for (const look of [...waiting]) look();
    },
    until: (condition, patienceMs) =>
      new Promise((resolve) => {
        const settle = (holds: boolean): void => {
          waiting.delete(look);
          clearTimeout(timer);
          resolve(holds);
        };
        const look = (): void => {
          if (condition()) settle(true);
        };
        const timer = setTimeout(() => settle(condition()), patienceMs);
        waiting.add(look);
        look();
      }),
  };
}
