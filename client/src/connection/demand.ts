/** Whether a link is wanted. */
export interface Demand {
  readonly isWanted: boolean;
  /** Something is followed. */
  begin(): void;
  /** Nothing is followed any more, so that soon no link is wanted. */
  linger(): void;
  /** No link is wanted, from now on. */
  end(): void;
}

/**
 * Whether a link is wanted: while something is followed, and for `lingerMs` longer. Another component may be about to follow
 * something, and StrictMode unmounts what it has just mounted.
 */
export function createDemand(lingerMs: number, events: { begun(): void; ended(): void }): Demand {
  let isWanted = false;
  let lingering: ReturnType<typeof setTimeout> | undefined;

  function end(): void {
    clearTimeout(lingering);
    isWanted = false;
    events.ended();
  }

  return {
    get isWanted() {
      return isWanted;
    },
    begin() {
      clearTimeout(lingering);
      isWanted = true;
      events.begun();
    },
    linger() {
      lingering = setTimeout(end, lingerMs);
    },
    end,
  };
}
