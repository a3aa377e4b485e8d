/** What `setTimeout` can wait at most, in milliseconds; beyond it, it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Calls back once after any time, however long. Returns how to cancel. */
export function after(waitMs: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (leftMs: number): void => {
    const stepMs = Math.min(Math.max(leftMs, 0), MAX_TIMER_MS);
    timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs);
  };
  wait(waitMs);
  return () => clearTimeout(timer);
}
