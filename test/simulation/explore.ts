import { describeStep, makePlan, type Plan } from './plan.ts';
import { type Outcome, runPlan } from './run.ts';

/** A seed whose run fails, with as few steps as possible. */
export interface Finding {
  readonly seed: number;
  readonly fault: string;
  /** Everything that a developer needs to understand the fault. */
  readonly story: string;
}

/** The maximum number of runs that are used to shorten one. */
const MAX_SHRINKING_RUNS = 1000;

/** Runs seeds until one fails. */
export async function explore(
  first: number,
  count: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<Finding | undefined> {
  for (let seed = first; seed < first + count; seed += 1) {
    const plan = makePlan(seed);
    const { fault } = await runPlan(plan);
    if (fault !== undefined) return describe(plan, fault);
    onProgress(seed - first + 1);
  }
  return undefined;
}

/** Runs one seed and records its trace, with or without a fault. */
export async function replay(seed: number): Promise<Outcome> {
  return runPlan(makePlan(seed), true);
}

async function describe(plan: Plan, fault: string): Promise<Finding> {
  const { seed } = plan;
  const short = await shrink(plan);
  const { trace } = await runPlan(short, true);
  const { steps, ...rest } = short;
  const story = [
    `Seed ${seed}: ${fault}`,
    `Again, with all that happens: SIM_SEED=${seed} npm run simulate`,
    `The same fault, or one like it, with ${steps.length} of ${plan.steps.length} steps:`,
    JSON.stringify(rest),
    ...steps.map(describeStep),
    'and what happens then:',
    ...trace,
  ].join('\n');
  return { seed, fault, story };
}

/** Removes steps as long as a fault remains. */
async function shrink(plan: Plan): Promise<Plan> {
  let best = plan;
  let runs = 0;
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.steps.length && runs < MAX_SHRINKING_RUNS; runs += 1) {
      const shorter = { ...best, steps: best.steps.toSpliced(at, size) };
      const { fault } = await runPlan(shorter);
      if (fault === undefined) at += size;
      else best = shorter;
    }
  }
  return best;
}
