/** Counts what each user holds, so that nobody holds too much. A limit of 0 is none. */
export interface Quota {
  /** Takes one; answers how to give it back, once, or `undefined` when the user holds as many as allowed. */
  take(userId: string): (() => void) | undefined;
  readonly total: number;
}

export function createQuota(limit: number): Quota {
  const held = new Map<string, number>();
  let total = 0;
  return {
    take(userId) {
      const count = held.get(userId) ?? 0;
      if (limit > 0 && count >= limit) return undefined;
      held.set(userId, count + 1);
      total += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        total -= 1;
        const left = (held.get(userId) ?? 1) - 1;
        if (left === 0) held.delete(userId);
        else held.set(userId, left);
      };
    },
    get total() {
      return total;
    },
  };
}
