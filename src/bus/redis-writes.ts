import { messageOf } from '../errors.ts';
import { explainRefusal, refusalCode } from './refusal.ts';

/** How often it is tried whether Redis takes writes, in milliseconds, while it does not; while it does, only at each third turn. */
const TURN_MS = 3000;
const TURNS = 3;

/** What Redis answers to writes alone; whatever else keeps it from answering shows in other ways. */
const OF_WRITES = ['MISCONF', 'OOM', 'NOREPLICAS', 'READONLY', 'NOPERM'];

export interface Writes {
  /** Passes on what a write answers, and learns from it whether Redis takes writes. */
  watch<Result>(write: Promise<Result>): Promise<Result>;
  /** Why Redis refuses writes, in an operator's words; `undefined`: it takes them, as far as is known. */
  readonly refusal: string | undefined;
  close(): void;
}

/** Knows whether Redis takes writes: by those that are made anyway, and by one that is made to find out. */
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
