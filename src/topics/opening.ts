import { LiveError } from '../errors.ts';

/** How long callers wait for a topic that Redis refuses, in milliseconds. */
const MAX_REFUSED_MS = 4000;

/** The callers who wait until a topic is open: every event that is published from then on will reach them. */
export interface Opening {
  /** Resolves when the topic is open. Rejects with `SERVICE_UNAVAILABLE` when that is not to be expected soon. */
  wait(): Promise<void>;
  open(): void;
  /** The topic is not open any more, or not yet: callers wait. */
  shut(): void;
  /** Redis refuses the topic: after some seconds all who wait are turned away, and so are those who come while that lasts. */
  refuse(): void;
  /** Turns away all who wait now. */
  turnAway(): void;
}

interface Waiting {
  resolve(): void;
  reject(error: LiveError): void;
}

export function createOpening(): Opening {
  let state: 'open' | 'shut' | 'refused' = 'shut';
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function enter(next: typeof state): void {
    clearTimeout(timer);
    timer = undefined;
    state = next;
  }

  function turnAway(): void {
    const turnedAway = waiting;
    waiting = [];
    for (const { reject } of turnedAway) reject(unavailable());
  }

  return {
    wait() {
      if (state === 'open') return Promise.resolve();
      if (state === 'refused') return Promise.reject(unavailable());
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    open() {
      enter('open');
      const admitted = waiting;
      waiting = [];
      for (const { resolve } of admitted) resolve();
    },
    shut: () => enter('shut'),
    refuse() {
      if (state === 'open') enter('shut');
      if (state === 'refused') return;
      timer ??= setTimeout(() => {
        enter('refused');
        turnAway();
      }, MAX_REFUSED_MS);
    },
    turnAway,
  };
}

function unavailable(): LiveError {
  return new LiveError('SERVICE_UNAVAILABLE', 'Live events are not available now: try again in a moment.');
}
