import { type Face, readFaces } from './faces.ts';

/** The faces that other processes show, as their notes say. */
export interface Others {
  /** Takes all notes of a board, also those of this process, which are left out. */
  take(notes: ReadonlyMap<string, string>): void;
  of(unitId: string): readonly Face[];
  readonly units: Iterable<string>;
  /** Forgets notes that have expired meanwhile: they could not be read since. Returns whether there were any. */
  forgetExpired(): boolean;
  forget(): void;
}

export const noteName = (unitId: string, process: string): string => `${unitId}:${process}`;

export function keepOthers(process: string, expiryMs: number): Others {
  let byUnit: ReadonlyMap<string, readonly Face[]> = new Map();
  let readAt = 0;
  return {
    take(notes) {
      const found = new Map<string, Face[]>();
      for (const [name, text] of notes) {
        const [unitId = '', writer] = name.split(':');
        if (writer !== process) found.set(unitId, [...(found.get(unitId) ?? []), ...readFaces(text)]);
      }
      byUnit = found;
      readAt = performance.now();
    },
    of: (unitId) => byUnit.get(unitId) ?? [],
    get units() {
      return byUnit.keys();
    },
    forgetExpired() {
      if (byUnit.size === 0 || performance.now() - readAt <= expiryMs) return false;
      byUnit = new Map();
      return true;
    },
    forget() {
      byUnit = new Map();
    },
  };
}
