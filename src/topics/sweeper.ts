import type { Bus } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';

/** How often what is too old is deleted, in milliseconds. */
const SWEEP_MS = 5000;
/** How many times in one turn each kind is swept at most, where there is much to delete. */
const MAX_ROUNDS = 20;
/** Of a hundred revocations that are looked at; where so many had expired, more have. */
const MANY_FORGOTTEN = 25;

export interface SweeperOptions {
  readonly bus: Pick<Bus, 'sweep' | 'forgetDeadLetters' | 'forgetRevocations'>;
  readonly names: TopicNames;
  /** For how long events and refused messages may be kept, in seconds. */
  readonly seconds: number;
  readonly log: Logger;
}

/**
 * Deletes what Redis has kept for long enough, now and every few seconds: events, also of topics that fell silent, refused
 * messages, and revocations of tokens that have expired. Every server does; what one has deleted, the others find gone. The
 * newest snapshot of each topic of snapshots is retained.
 * @returns how to stop.
 */
export function startSweeping({ bus, names, seconds, log }: SweeperOptions): () => void {
  let isStopped = false;
  let isSweeping = false;
  /** Why it failed the last time, if it did. */
  let trouble: string | undefined;

  async function repeat(sweep: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS && !isStopped; round += 1) if (!(await sweep())) return;
  }

  const steps: readonly (() => Promise<unknown>)[] = [
    ...[...names.kinds.values()].map(({ kind, isNewestOnly }) => () => {
      const allowance = { seconds, keepsNewest: isNewestOnly };
      return repeat(() => bus.sweep(names.agingOf(kind), allowance));
    }),
    () => bus.forgetDeadLetters(names.deadLetters, seconds),
    () => repeat(async () => (await bus.forgetRevocations(names.revocations)) > MANY_FORGOTTEN),
  ];

  /** Ends with the first failure, for what Redis is asked next fails as well; unless only one key is wrong. */
  async function sweepAll(): Promise<void> {
    let fault: unknown;
    for (const step of steps) {
      try {
        if (!isStopped) await step();
      } catch (error) {
        fault = error;
        if (!messageOf(error).includes('WRONGTYPE')) break;
      }
    }
    if (fault !== undefined) throw fault;
  }

  /** Says so once when it fails, and once when it works again. */
  function report(reason: string | undefined): void {
    if (reason === trouble || isStopped) return;
    trouble = reason;
    if (reason === undefined) log.info('what is too old is deleted again');
    else log.warn({ reason }, 'cannot delete what is too old; trying again');
  }

  async function turn(): Promise<void> {
    if (isSweeping) return;
    isSweeping = true;
    try {
      await sweepAll();
      report(undefined);
    } catch (error) {
      report(messageOf(error));
    } finally {
      isSweeping = false;
    }
  }

  const timer = setInterval(turn, SWEEP_MS);
  void turn();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
