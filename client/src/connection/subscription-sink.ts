import type { Fault, LinkSink } from './link.ts';

type Data = Readonly<Record<string, unknown>>;

/** What a sink reports of its operation. */
interface SinkEvents {
  /** The position after which it would resume. */
  reached(cursor: string): void;
  /**
   * The operation runs: its first event or position has come.
   * @param coveredMs all events of that last time come, in milliseconds.
   */
  runs(coveredMs: number): void;
  /** The server could not execute an event, or the operation is about to end: what comes next decides. */
  failing(): void;
  /** The server could not execute an event, and the operation goes on. */
  lost(): void;
  /** It runs, and nothing is known to be missing any more. Called after `runs` and `lost`. */
  caughtUp(): void;
  /** The event was one of the past, and more of them may follow. */
  replayed(): void;
  /** @param agoMs it happened so long before the operation ran. */
  event(data: Data, agoMs: number | undefined): void;
  /** @param fault why; `undefined`: it is complete. */
  ended(fault: Fault | undefined): void;
}

/** Receives what one operation delivers over one link. */
export function createSink({
  reached,
  runs,
  failing,
  lost,
  caughtUp,
  replayed,
  event,
  ended,
}: SinkEvents): LinkSink {
  let isSilent = true;
  /** How long before the operation ran an event of the past happened; `undefined`: it is live. */
  let agoOf = (_at: unknown): number | undefined => undefined;
  /** Of an event that could not be executed, or of the end of the operation: what comes next decides. */
  let faults: readonly Fault[] | undefined;
  let isReplaying = false;

  function goesOn(coveredMs = 0): void {
    if (!isSilent && faults === undefined) return;
    if (isSilent) {
      isSilent = false;
      runs(coveredMs);
    }
    if (faults !== undefined) {
      faults = undefined;
      lost();
    }
    caughtUp();
  }

  return {
    next({ data, errors = [], extensions, isOfPast = extensions?.at !== undefined }) {
      if (typeof extensions?.cursor === 'string') reached(extensions.cursor);
      if (data == null) {
        faults = errors;
        failing();
        return;
      }
      goesOn();
      event(data, agoOf(extensions?.at));
      if (isOfPast) replayed();
      else if (isReplaying) caughtUp();
      isReplaying = isOfPast;
    },
    past({ ms, now }) {
      agoOf = (at) => (typeof at === 'number' && at <= now ? now - at : undefined);
      goesOn(ms);
    },
    position(cursor) {
      reached(cursor);
      goesOn();
    },
    ended: (last) => ended(last[0] ?? faults?.[0]),
  };
}
