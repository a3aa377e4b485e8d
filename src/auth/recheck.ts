/** Something that is checked regularly. */
export interface Rechecked {
  /** When it is due, by `performance.now()`; 0: not decided yet. */
  dueAt: number;
}

export interface Rechecks {
  /** Checks all of them now. */
  checkAll(): void;
  close(): void;
}

/** The longest time between two looks at which items are due, in milliseconds. */
const MAX_TURN_MS = 1000;
/** Between two checks of an item lies a random part of the interval, so that items that came together are not always checked together. */
const SHORTEST = 0.4;
const LONGEST = 0.8;

/**
 * Checks each item at least once in an interval, a few at a time.
 * @param items the items there are at the moment.
 * @param check may reject when nothing can be known now. Then the item stays due, and is checked again soon.
 * @param intervalMs in milliseconds.
 */
export function checkInTurn<Item extends Rechecked>(
  items: Iterable<Item>,
  check: (item: Item) => Promise<void>,
  intervalMs: number,
): Rechecks {
  const turnMs = Math.min(MAX_TURN_MS, intervalMs / 10);
  let isChecking = false;
  let mustCheckAll = false;

  async function checkDue(): Promise<void> {
    if (isChecking) return;
    isChecking = true;
    do {
      const now = mustCheckAll ? Number.POSITIVE_INFINITY : performance.now();
      mustCheckAll = false;
      await Promise.all(takeDue(now).map(checkOne));
    } while (mustCheckAll);
    isChecking = false;
  }

  function takeDue(now: number): readonly Item[] {
    const due: Item[] = [];
    for (const item of items) {
      if (item.dueAt === 0) item.dueAt = nextTime();
      if (item.dueAt <= now) due.push(item);
    }
    return due;
  }

  async function checkOne(item: Item): Promise<void> {
    try {
      const next = nextTime();
      await check(item);
      item.dueAt = next;
    } catch {
      item.dueAt = 1; // due, since long ago
    }
  }

  function nextTime(): number {
    return performance.now() + intervalMs * (SHORTEST + Math.random() * (LONGEST - SHORTEST));
  }

  const timer = setInterval(() => void checkDue(), turnMs);
  return {
    checkAll() {
      mustCheckAll = true;
      void checkDue();
    },
    close: () => clearInterval(timer),
  };
}
