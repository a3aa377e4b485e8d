/** How long no event of the past has come, in milliseconds, until all of them count as received. No message of the server says it. */
const QUIET_MS = 250;

/**
 * Whether events may be missing from what was delivered, although the connection is live.
 * @param onChange also called when nothing has changed.
 */
export function createCatchingUp(onChange: (isCatchingUp: boolean) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(isCatchingUp: boolean): void {
    clearTimeout(timer);
    onChange(isCatchingUp);
  }

  return {
    begin: () => set(true),
    end: () => set(false),
    /** An event of the past was delivered, and more may follow. */
    replayed(): void {
      set(true);
      timer = setTimeout(onChange, QUIET_MS, false);
    },
  };
}
