import { expect, test } from 'vitest';
import { fuzz } from '../support/fuzz-run.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
/** Printed first, so that a run can be repeated: `FUZZ_SEED=… npm run soak -- fuzz`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

test(`${CASES} random documents, requests and conversations do no harm`, async () => {
  say(`FUZZ_SEED=${SEED}`);
  let next = 1000;
  const { cases, outcomes } = await fuzz(CASES, SEED, (sent) => {
    if (sent < next) return;
    next += 1000;
    say(`${sent} cases`);
  });
  say(`${cases} cases: ${JSON.stringify(Object.fromEntries([...outcomes].toSorted()))}`);
  expect(cases).toBeGreaterThan(0.9 * CASES);
}, 7_200_000);
