import { type Batch, createBatch, type Frame } from './batch.ts';
import type { Turn } from './turn.ts';

/** Gathers frames, and delivers them in batches. */
export interface Gathering {
  add(frame: Frame): void;
  /** Delivers now what is due. */
  flush(): void;
  /** The frame that a member begins with when it joins, if there is one. */
  readonly newest: Frame | undefined;
  stop(): void;
}

/** All frames of one turn together. */
export function gatherEvery(turn: Turn, deliver: (batch: Batch) => void): Gathering {
  let frames: Frame[] = [];
  function flush(): void {
    if (frames.length === 0) return;
    const batch = createBatch(frames, false);
    frames = [];
    deliver(batch);
  }
  return {
    add(frame) {
      frames.push(frame);
      if (frames.length === 1) turn.gather(flush);
    },
    flush,
    newest: undefined,
    stop: () => undefined,
  };
}

/** Delivers the first frame at once, and at the end of each interval the newest of those that came within it. */
export function gatherNewest(intervalMs: number, deliver: (batch: Batch) => void): Gathering {
  let newest: Frame | undefined;
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;

  function emit(): void {
    timer = undefined;
    if (!isDue || newest === undefined) return;
    isDue = false;
    timer = setTimeout(emit, intervalMs);
    deliver(createBatch([newest], true));
  }

  return {
    add(frame) {
      newest = frame;
      isDue = true;
      if (timer === undefined) emit();
    },
    flush: () => undefined,
    get newest() {
      return newest;
    },
    stop: () => clearTimeout(timer),
  };
}
