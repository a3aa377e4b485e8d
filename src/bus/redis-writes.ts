import { messageOf } from '../errors.ts';
import { explainRefusal, refusalCode } from './refusal.ts';

/** How often Redis is probed for whether it takes writes, in milliseconds, while it does not; while it does, a third as often. */
const TURN_MS = 3000;
const TURNS = 3;

/** The answers of Redis that concern writes alone. All other troubles show in other ways. */
const OF_WRITES = ['MISCONF', 'OOM', 'NOREPLICAS', 'READONLY', 'NOPERM'];

export interface Writes {
  /** Passes on the answer to a write, and learns from it whether Redis takes writes. */
  watch<Result>(write: Promise<Result>): Promise<Result>;
  /** Why Redis refuses writes, in an operator's words; `undefined`: no refusal is known. */
  readonly refusal: string | undefined;
  close(): void;
}

/** Finds out whether Redis takes writes, from the writes that are made anyway and from a probe. */
export function watchWrites(probe: () => Promise<unknown>): Writes {
  let refusal: string | undefined;
  let turn = 0;

  async function watch<Result>(write: Promise<Result>): Promise<Result> {
    try {
      const result = await write;
      refusal = undefined;
      return result;
    } catch (error) {
      if (OF_WRITES.includes(refusalCode(error) ?? '')) refusal = explainRefusal(messageOf(error));
      throw error;
    }
  }

  function tryOne(): void {
    watch(probe()).catch(() => undefined); // it has been learnt from
  }

  tryOne();
  const timer = setInterval(() => {
    turn += 1;
    if (refusal !== undefined || turn % TURNS === 0) tryOne();
  }, TURN_MS);
  return {
    watch,
    get refusal() {
      return refusal;
    },
    close: () => clearInterval(timer),
  };
}
