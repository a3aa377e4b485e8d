/**
 * The log's logic in a world of its own, on a virtual clock: Redis, servers, publishers and clients, and all that goes wrong
 * between them. A number, the seed, decides everything that happens in a run.
 *
 *     npm run simulate                            the seeds of the test suite
 *     SIM_SEED=123 npm run simulate               one seed, with all that happens
 *     SIM_FIRST=1 SIM_SEEDS=100000 npm run simulate
 */
import { expect, test } from 'vitest';
import { explore, replay } from './explore.ts';
import { makePlan } from './plan.ts';
import { runPlan } from './run.ts';

const one = process.env['SIM_SEED'];
const first = Number(process.env['SIM_FIRST'] ?? 1);
const count = Number(process.env['SIM_SEEDS'] ?? 1000);

/** A run takes some milliseconds; a busy machine may take many times as long. */
const TIMEOUT_MS = 60_000 + count * 400;

test.runIf(one !== undefined)('one seed, with all that happens', async () => {
  const { fault, trace } = await replay(Number(one));
  process.stdout.write(`${trace.join('\n')}\n`);
  expect(fault).toBeUndefined();
});

test.skipIf(one !== undefined)(
  `${count} seeds: in order, each once, nothing of others, and nothing lost without a word`,
  async () => {
    const finding = await explore(first, count);
    expect(finding?.story).toBeUndefined();
  },
  TIMEOUT_MS,
);

test.skipIf(one !== undefined)('a seed gives the same run each time', async () => {
  for (let seed = first; seed < first + 20; seed += 1) {
    const [once, again] = [await runPlan(makePlan(seed), true), await runPlan(makePlan(seed), true)];
    expect(again.digest).toBe(once.digest);
  }
});
