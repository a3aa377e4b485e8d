/** About one frame, in milliseconds. */
const FRAME_MS = 16;

/** Does its work at once, and whatever is asked for within a frame after that together at its end. */
export interface Frame {
  ask(): void;
  /** At the end of a frame, also if nothing was done lately. */
  askSoon(): void;
  /** Nothing is asked for any more. */
  stop(): void;
}

export function createFrame(work: () => void): Frame {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;

  function end(): void {
    timer = undefined;
    if (!isAsked) return;
    isAsked = false;
    timer = setTimeout(end, FRAME_MS);
    work();
  }

  return {
    ask() {
      isAsked = true;
      if (timer === undefined) end();
    },
    askSoon() {
      isAsked = true;
      timer ??= setTimeout(end, FRAME_MS);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      isAsked = false;
    },
  };
}
