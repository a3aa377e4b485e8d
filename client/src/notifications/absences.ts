import { createListeners } from '../connection/listeners.ts';
import { lastSeen, noteSeen } from './last-seen.ts';

/** A time in which a user did not have the page before them, in Unix milliseconds. */
export interface Absence {
  readonly since: number;
  readonly until: number;
}

/** The absences of a user that this page has noticed, for all components that ask. */
export interface Absences {
  /** The last one that was longer than `ms`; the same object each time. `undefined`: there was none, or it was noticed. */
  longerThan(ms: number): Absence | undefined;
  /** While it is watched, the user is there as long as the page is seen. Returns how to stop. */
  watch(listener: () => void): () => void;
  /** The user has noticed it. */
  dismiss(absence: Absence): void;
}

/** How often the last moment is noted, in milliseconds. */
const NOTE_MS = 20_000;

const lengthOf = ({ since, until }: Absence): number => until - since;

const known = new Map<string, Absences>();

/** The one that a page has for a user. If each component looked for itself, the first would note that the user is there, and the others see no absence. */
export function absencesOf(userId: string): Absences {
  const absences = known.get(userId) ?? createAbsences(userId);
  known.set(userId, absences);
  return absences;
}

export function createAbsences(userId: string): Absences {
  const listeners = createListeners();
  let watching = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  /** Each is shorter than those before it: of those that are not, only the last is asked for. */
  let absences: readonly Absence[] = [];

  function look(): void {
    if (document.visibilityState === 'hidden') return;
    const since = lastSeen(userId);
    const absence = since === undefined ? undefined : { since, until: Date.now() };
    noteSeen(userId);
    if (absence === undefined || lengthOf(absence) <= 0) return;
    absences = [...absences.filter((one) => lengthOf(one) > lengthOf(absence)), absence];
    listeners.notify();
  }

  return {
    longerThan: (ms) => absences.filter((one) => lengthOf(one) > ms).at(-1),
    watch(listener) {
      const stop = listeners.add(listener);
      watching += 1;
      if (watching === 1) {
        look();
        timer = setInterval(look, NOTE_MS);
        document.addEventListener('visibilitychange', look);
      }
      return () => {
        stop();
        watching -= 1;
        if (watching > 0) return;
        clearInterval(timer);
        document.removeEventListener('visibilitychange', look);
      };
    },
    dismiss(absence) {
      absences = absences.filter(({ since }) => since > absence.since);
      listeners.notify();
    },
  };
}
