/** About one frame. */
const FRAME_MS = 16;

/** Hands things on in groups: the first at once, and what comes within a frame of it together at its end. */
export interface ChangeQueue<Item> {
  add(item: Item): void;
  /** Forgets what waits. */
  clear(): void;
}

export function createChangeQueue<Item>(handle: (items: readonly Item[]) => void): ChangeQueue<Item> {
  let waiting: Item[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    timer = setTimeout(flush, FRAME_MS);
    handle(items);
  }

  return {
    add(item) {
      waiting.push(item);
      if (timer === undefined) flush();
    },
    clear() {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
    },
  };
}
