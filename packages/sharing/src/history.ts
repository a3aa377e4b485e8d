import type { Frame } from './batch.ts';
import { createPages } from './pages.ts';

/**
 * The frames that an audience has made, kept while anybody resumes: all of them from some offset up to now. If a member resumes
 * from an older offset, the frames before are made again and added in front. Each result is made again once, however many members
 * resume.
 */
export interface History {
  /** Adds the newest frame. */
  append(frame: Frame): void;
  /** Makes the frames after `after` that are not kept. Rejects as `make` does. */
  reachBack(after: number, make: MakeFrames): Promise<void>;
  /** The next page after an offset, empty if there is nothing; `undefined`: it is no longer kept. */
  after(offset: number): readonly Frame[] | undefined;
  /** Keeps the frames from now on. Returns how to release them. */
  hold(): () => void;
  close(): void;
}

/**
 * Makes the frames after an offset, up to `until`. It must pass each frame to `take` as soon as it is made, so that no more are made
 * than there is room for.
 */
export type MakeFrames = (until: number, take: (frame: Frame) => Room) => Promise<readonly Frame[]>;

/** `never`: it is more than one history may take. `not now`: others have taken the room. */
export type Room = 'enough' | 'never' | 'not now';

/** The room that the histories of a process share for frames of the past. */
export interface HistoryBudget {
  /** Takes bytes for a history, which has taken `taken` before. */
  take(bytes: number, taken: number): Room;
  giveBack(bytes: number): void;
}

/** How long frames are kept after the last member has resumed, in milliseconds: clients come back together, but not at once. */
const LINGER_MS = 5000;
/** How many bytes of frames a history keeps. A member that resumes so slowly that it needs older ones is ended. */
const MAX_BYTES = 67_108_864;

/** How many bytes of frames of the past all histories of a process have together. */
const MAX_SHARED_BYTES = 4 * MAX_BYTES;

export function createHistoryBudget(maxBytes = MAX_SHARED_BYTES, maxEach = MAX_BYTES): HistoryBudget {
  let free = maxBytes;
  return {
    take(bytes, taken) {
      if (taken + bytes > maxEach) return 'never';
      if (bytes > free) return 'not now';
      free -= bytes;
      return 'enough';
    },
    giveBack(bytes) {
      free += bytes;
    },
  };
}

/**
 * @param newest the offset of the newest result of the audience.
 * @param pageBytes about how large a page is.
 */
export function createHistory(newest: () => number, budget: HistoryBudget, pageBytes: number): History {
  let frames: Frame[] = [];
  const pages = createPages(pageBytes);
  let start = 0;
  let bytes = 0;
  /** How many bytes were taken from the budget, for frames that are kept or being made. */
  let taken = 0;
  let holds = 0;
  let isKept = false;
  let isClosed = false;
  let linger: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function forget(): void {
    clearTimeout(linger);
    isKept = false;
    frames = [];
    pages.forget();
    bytes = 0;
    giveBack(taken);
  }

  function giveBack(count: number): void {
    taken -= count;
    budget.giveBack(count);
  }

  async function extend(after: number, make: MakeFrames): Promise<void> {
    if (!isKept || after >= start) return;
    const until = start;
    let made = 0;
    let isUsed = false;
    try {
      const older = await make(until, ({ json }) => {
        const room = isKept && start === until ? budget.take(json.length, taken) : 'not now';
        if (room !== 'enough') return room;
        taken += json.length;
        made += json.length;
        return room;
      });
      if (!isKept || start !== until) return; // the frames that follow on them were dropped
      frames = [...older, ...frames];
      bytes += made;
      start = after;
      isUsed = true;
    } finally {
      if (!isUsed) giveBack(Math.min(made, taken)); // less, if the history was dropped meanwhile
    }
  }

  return {
    append(frame) {
      if (!isKept || frame.position === undefined) return;
      frames.push(frame);
      bytes += frame.json.length;
      pages.appended();
      if (bytes > MAX_BYTES) pages.forget(); // they keep their frames
      while (bytes > MAX_BYTES) {
        const oldest = frames.shift();
        if (oldest?.position === undefined) return;
        bytes -= oldest.json.length;
        start = oldest.position.offset;
      }
    },
    reachBack(after, make) {
      const extended = queue.then(() => extend(after, make));
      queue = extended.catch(() => undefined);
      return extended;
    },
    after(offset) {
      if (!isKept || offset < start) return undefined;
      return pages.after(offset, frames, indexAfter(frames, offset));
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

/** The index of the first frame after an offset. */
function indexAfter(frames: readonly Frame[], offset: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.position?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
