import { setImmediate } from 'node:timers/promises';
import { LiveError, type SessionError } from '../errors.ts';
import { limitConcurrency } from './concurrency-limit.ts';

/** Whose task it is; the task is given up when the session is over. */
export interface TurnOwner {
  readonly identity: { readonly viewer: { readonly id: string } };
  onEnd(listener: (error?: SessionError) => void): () => void;
}

/** Runs costly reads: one of each user at a time, and a few of all users together, so that a crowd costs nobody else. */
export interface UserTurns {
  /** Rejects with `LIMIT_EXCEEDED` for a user who asks too often, and with the session's fault if that ends before the task. */
  run<Result>(owner: TurnOwner, task: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

export interface UserTurnsOptions {
  /** How many run at a time. */
  readonly together: number;
  /** How many of one user may wait. */
  readonly maxWaiting: number;
  /** How many a user may begin in a minute. */
  readonly perMinute: number;
}

const MINUTE_MS = 60_000;

/** The tasks of one user in the last minute. */
interface Use {
  since: number;
  begun: number;
  waiting: number;
  tail: Promise<unknown>;
}

export function createUserTurns({ together, maxWaiting, perMinute }: UserTurnsOptions): UserTurns {
  const inTurn = limitConcurrency(together);
  /** In the order in which their minutes began. */
  const uses = new Map<string, Use>();

  function useOf(userId: string): Use {
    const now = performance.now();
    for (const [id, use] of uses) {
      if (now - use.since < MINUTE_MS) break;
      uses.delete(id);
      if (use.waiting === 0) continue;
      Object.assign(use, { since: now, begun: 0 });
      uses.set(id, use); // at the end again
    }
    const use = uses.get(userId) ?? { since: now, begun: 0, waiting: 0, tail: Promise.resolve() };
    uses.set(userId, use);
    return use;
  }

  return {
    async run(owner, task) {
      const use = useOf(owner.identity.viewer.id);
      if (use.waiting > maxWaiting || use.begun >= perMinute) throw tooMany();
      use.begun += 1;
      use.waiting += 1;
      const controller = new AbortController();
      const unwatch = owner.onEnd((error) => controller.abort(error ?? gone()));
      const { signal } = controller;
      const begin = async () => {
        signal.throwIfAborted();
        return inTurn(async () => {
          await setImmediate(); // others come in between: a task takes some milliseconds of this thread
          signal.throwIfAborted();
          return task(signal);
        }, signal);
      };
      const result = use.tail.then(begin);
      use.tail = result.catch(() => undefined);
      try {
        const answer = await result;
        signal.throwIfAborted();
        return answer;
      } finally {
        use.waiting -= 1;
        unwatch();
      }
    },
  };
}

const tooMany = (): LiveError =>
  new LiveError('LIMIT_EXCEEDED', 'You ask this too often: wait a minute, or ask for more at once.');

const gone = (): LiveError => new LiveError('SERVICE_UNAVAILABLE', 'The client is gone.');
