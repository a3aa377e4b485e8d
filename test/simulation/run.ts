import { createHash } from 'node:crypto';
import { createClock } from './clock.ts';
import { describeStep, LENGTH_MS, type Plan } from './plan.ts';
import { createRandom } from './random.ts';
import { createWorld } from './world.ts';

/** What a run came to. */
export interface Outcome {
  /** What went wrong first, if anything did. */
  readonly fault: string | undefined;
  /** What happened, a sentence for each thing; empty unless it was asked for. */
  readonly trace: readonly string[];
  /** Equal for equal runs, if the trace was asked for. */
  readonly digest: string;
  readonly events: number;
}

/** The longest that a fault lasts, in milliseconds. */
const LONGEST_FAULT_MS = 3000;
/** So long after all faults have ended everybody must have everything: the look at silent topics takes up to ten seconds. */
const QUIET_MS = 12_000;
/** So long after all was closed nothing may be left: what waits to read again sees that it need not. */
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
  // Errors are part of every run, and nobody looks at where they were made.
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

/** A fault was found: the rest of the run is of no use. */
class Stop extends Error {}
