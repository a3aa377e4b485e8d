/** Remembers the newest ids, up to a number of them. */
export interface Recent {
  /** Whether the id was not remembered. From now on it is. */
  isNew(id: string): boolean;
  /** Whether the id is remembered. */
  has(id: string): boolean;
  clear(): void;
}

export function createRecent(count: number): Recent {
  const ids = new Set<string>();
  return {
    isNew(id) {
      if (ids.has(id)) return false;
      ids.add(id);
      if (ids.size > count) for (const oldest of ids) return ids.delete(oldest);
      return true;
    },
    has: (id) => ids.has(id),
    clear: () => ids.clear(),
  };
}
