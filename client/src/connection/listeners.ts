import { guarded } from './guarded.ts';

export interface Listeners {
  /** Calls all back, whatever one of them throws. */
  readonly notify: () => void;
  /** Returns how to stop. A function that is added twice is called twice. */
  readonly add: (listener: () => void) => () => void;
}

export function createListeners(): Listeners {
  const listeners = new Set<() => void>();
  return {
    notify() {
      for (const listener of [...listeners]) guarded(listener);
    },
    add(listener) {
      const entry = (): void => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}
