import type { PresentUser } from 'dms-live-react';

/**
 * Who is at which row. Somebody who comes renders the faces of one row: if this were the value of a context, React would render those of
 * all rows.
 */
export interface PresentStore {
  set(people: readonly PresentUser[]): void;
  /** The same array as long as nothing changes at this row. */
  get(row: string): readonly PresentUser[];
  watch(row: string, listener: () => void): () => void;
}

const NOBODY: readonly PresentUser[] = [];

export function createPresentStore(): PresentStore {
  const listeners = new Map<string, Set<() => void>>();
  let byRow = new Map<string, readonly PresentUser[]>();
  const get = (row: string): readonly PresentUser[] => byRow.get(row) ?? NOBODY;

  return {
    get,
    set(people) {
      const before = byRow;
      byRow = new Map();
      for (const person of people) byRow.set(person.objectId, [...get(person.objectId), person]);
      for (const row of new Set([...before.keys(), ...byRow.keys()])) {
        const old = before.get(row);
        if (old !== undefined && JSON.stringify(old) === JSON.stringify(get(row))) byRow.set(row, old);
        else for (const listener of [...(listeners.get(row) ?? [])]) listener();
      }
    },
    watch(row, listener) {
      const others = listeners.get(row) ?? new Set();
      listeners.set(row, others.add(listener));
      return () => {
        others.delete(listener);
        if (others.size === 0 && listeners.get(row) === others) listeners.delete(row);
      };
    },
  };
}
