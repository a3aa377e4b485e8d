/** Remembers the newest so many of what it is shown. */
export interface Recent {
  /** Whether it was not among them; it is now. */
  isNew(id: string): boolean;
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
    clear: () => ids.clear(),
  };
}
