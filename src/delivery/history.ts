import type { Frame } from './batch.ts';

/**
 * The frames that an audience has made, kept while anybody resumes: contiguous from some offset up to now. Whoever resumes
 * from further back makes it reach further back; each result is made once, however many resume.
 */
export interface History {
  /** Adds the newest frame. */
  append(frame: Frame): void;
  /** Makes it reach back to `after`; `make` makes the frames behind `after` up to an offset. */
  reachBack(after: number, make: (until: number) => Promise<readonly Frame[]>): Promise<void>;
  /** The next frames behind an offset, about `bytes` of them; `undefined`: they are not kept any more. */
  behind(offset: number, bytes: number): readonly Frame[] | undefined;
  /** Keeps frames until released. */
  hold(): () => void;
  close(): void;
}

/** How long the frames stay after the last has resumed, in milliseconds: clients come back together, but not at once. */
const LINGER_MS = 5000;
/** How many bytes of frames a history keeps; those who resume so slowly that they need older ones are ended. */
const MAX_BYTES = 67_108_864;

/** @param newest the offset up to which the audience has come. */
export function createHistory(newest: () => number): History {
  let frames: Frame[] = [];
  let start = 0;
  let bytes = 0;
  let holds = 0;
  let isKept = false;
  let isClosed = false;
  let linger: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function forget(): void {
    clearTimeout(linger);
    isKept = false;
    frames = [];
    bytes = 0;
  }

  async function extend(after: number, make: (until: number) => Promise<readonly Frame[]>): Promise<void> {
    if (!isKept || after >= start) return;
    const until = start;
    const older = await make(until);
    if (!isKept || start !== until) return; // what follows on them is gone
    frames = [...older, ...frames];
    for (const frame of older) bytes += frame.json.length;
    start = after;
  }

  /** The index of the first frame behind an offset. */
  function indexBehind(offset: number): number {
    let low = 0;
    let high = frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((frames[middle]?.mark?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    append(frame) {
      if (!isKept || frame.mark === undefined) return;
      frames.push(frame);
      bytes += frame.json.length;
      while (bytes > MAX_BYTES) {
        const oldest = frames.shift();
        if (oldest?.mark === undefined) return;
        bytes -= oldest.json.length;
        start = oldest.mark.offset;
      }
    },
    reachBack(after, make) {
      const extended = queue.then(() => extend(after, make));
      queue = extended.catch(() => undefined);
      return extended;
    },
    behind(offset, wanted) {
      if (!isKept || offset < start) return undefined;
      const first = indexBehind(offset);
      let end = first;
      for (let size = 0; end < frames.length && size < wanted; end += 1)
        size += frames[end]?.json.length ?? 0;
      return frames.slice(first, end);
    },
    hold() {
      clearTimeout(linger);
      if (!isKept) start = newest();
      isKept = true;
      holds += 1;
      return () => {
        holds -= 1;
        if (holds === 0 && !isClosed) linger = setTimeout(forget, LINGER_MS);
      };
    },
    close() {
      isClosed = true;
      forget();
    },
  };
}
