import { createListeners } from './listeners.ts';
import type { LiveStatus } from './types.ts';

/** A phase, without the moment when it began. */
export type Phase = LiveStatus extends infer Status
  ? Status extends LiveStatus
    ? Omit<Status, 'since'>
    : never
  : never;

export interface StatusStore {
  readonly status: LiveStatus;
  /** Enters a phase, from now on. */
  enter(phase: Phase): void;
  onStatus(listener: () => void): () => void;
}

/** The status, for the components that show it. It begins as idle. */
export function createStatusStore(): StatusStore {
  let status: LiveStatus = { phase: 'idle', since: Date.now() };
  const listeners = createListeners();
  return {
    get status() {
      return status;
    },
    enter(phase) {
      status = { ...phase, since: Date.now() };
      listeners.notify();
    },
    onStatus: listeners.add,
  };
}
