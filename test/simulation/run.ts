import { createHash } from 'node:crypto';
import { createClock } from './clock.ts';
import { describeStep, LENGTH_MS, type Plan } from './plan.ts';
import { createRandom } from './random.ts';
import { createWorld } from './world.ts';

/** The result of a run. */
export interface Outcome {
  /** The first fault, if there was one. */
  readonly fault: string | undefined;
  /** The trace: a sentence for each thing that happened. Empty unless it was requested. */
  readonly trace: readonly string[];
  /** A digest of the trace, if it was requested. Equal runs have equal digests. */
  readonly digest: string;
  readonly events: number;
}

/** The longest duration of a fault, in milliseconds. */
const LONGEST_FAULT_MS = 3000;
/**
 * The time after the last fault in which all clients must receive everything. The check of silent topics takes up to ten seconds.
 */
const QUIET_MS = 12_000;
/** The time after closing in which everything must end. Pending retries notice that they are not needed. */
const LAST_MS = 1000;

export async function runPlan(plan: Plan, isTraced = false): Promise<Outcome> {
  const random = createRandom(plan.seed ^ 0x5eed);
  const clock = createClock(random);
  const start = clock.now;
  const trace: string[] = [];
  let fault: string | undefined;
  const onFault = (what: string): void => {
    if (isTraced) trace.push(`${clock.now - start} ms: FAULT: ${what}`);
    fault ??= what;
  };
  const note = (sentence: () => string): void => {
    if (isTraced) trace.push(`${clock.now - start} ms: ${sentence()}`);
  };
  const onRejection = (error: unknown): void => onFault(`a rejection that nobody handles: ${String(error)}`);
  process.on('unhandledRejection', onRejection);
  const uninstall = clock.install();
  // Every run has errors, and their stack traces are not used.
  const { stackTraceLimit } = Error;
  if (!isTraced) Error.stackTraceLimit = 0;
  try {
    const world = createWorld(plan, { clock, random, note, onFault });
    const check = (): void => {
      if (fault !== undefined) throw new Stop();
    };
    for (const step of plan.steps) {
      await clock.run(start + step.at - clock.now, check);
      note(() => describeStep(step));
      world.take(step);
    }
    await clock.run(start + LENGTH_MS + LONGEST_FAULT_MS - clock.now, check);
    world.heal();
    await clock.run(QUIET_MS, check);
    world.expectWhole();
    check();
    world.close();
    await clock.run(LAST_MS, check);
    world.expectNothingLeft();
    for (const timer of clock.pendingTimers) onFault(`a timer is left: ${timer}`);
    return outcome(world.events);
  } catch (error) {
    if (!(error instanceof Stop))
      onFault(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return outcome(0);
  } finally {
    uninstall();
    Error.stackTraceLimit = stackTraceLimit;
    process.off('unhandledRejection', onRejection);
  }

  function outcome(events: number): Outcome {
    const digest = createHash('sha256').update(trace.join('\n')).digest('hex');
    return { fault, trace, digest, events };
  }
}

/** Ends a run after its first fault. */
class Stop extends Error {}
