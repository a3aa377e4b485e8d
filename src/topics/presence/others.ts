import { type Note, readNote } from './faces.ts';

/** What other processes know, as their notes say. */
export interface Others {
  /** Takes all notes of a board, also those of this process, which are left out. */
  take(notes: ReadonlyMap<string, string>): void;
  of(unitId: string): readonly Note[];
  readonly units: Iterable<string>;
  /** Forgets notes that have expired meanwhile: they could not be read since. Returns whether there were any. */
  forgetExpired(): boolean;
  forget(): void;
}

export const noteName = (unitId: string, process: string): string => `${unitId}:${process}`;

/** @param onEnd called when a face has ended whose connection was lost: the process that showed it may be gone. */
export function keepOthers(process: string, expiryMs: number, onEnd: () => void): Others {
  let byUnit: ReadonlyMap<string, readonly Note[]> = new Map();
  let readAt = 0;
  let ending: NodeJS.Timeout | undefined;

  function set(notes: typeof byUnit): void {
    byUnit = notes;
    clearTimeout(ending);
    const next = nextEndOf(notes);
    if (next < Number.POSITIVE_INFINITY) ending = setTimeout(end, next - Date.now()).unref();
  }

  function end(): void {
    set(byUnit);
    onEnd();
  }

  return {
    take(notes) {
      const found = new Map<string, Note[]>();
      for (const [name, text] of notes) {
        const [unitId = '', writer] = name.split(':');
        if (writer !== process) found.set(unitId, [...(found.get(unitId) ?? []), readNote(text)]);
      }
      set(found);
      readAt = performance.now();
    },
    of: (unitId) => byUnit.get(unitId) ?? [],
    get units() {
      return byUnit.keys();
    },
    forgetExpired() {
      if (byUnit.size === 0 || performance.now() - readAt <= expiryMs) return false;
      set(new Map());
      return true;
    },
    forget() {
      set(new Map());
    },
  };
}

/** When the next face ends whose connection was lost, in milliseconds since 1970; `Infinity`: none does. */
function nextEndOf(byUnit: ReadonlyMap<string, readonly Note[]>): number {
  const now = Date.now();
  let next = Number.POSITIVE_INFINITY;
  for (const notes of byUnit.values())
    for (const { faces } of notes)
      for (const { lost } of faces) if (lost && lost.until > now) next = Math.min(next, lost.until);
  return next;
}
