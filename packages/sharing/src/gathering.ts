import { type Batch, createBatch, type Frame } from './batch.ts';
import type { Turn } from './turn.ts';

/** Gathers frames and hands them out. */
export interface Gathering {
  add(frame: Frame): void;
  /** Hands out now what is due. */
  flush(): void;
  /** What whoever joins begins with, if anything. */
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

/** The first frame at once; of those that come within the interval after it, the newest when it is over. */
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
