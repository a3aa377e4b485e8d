import { expect, test } from 'vitest';
import { explore } from '../simulation/explore.ts';

const FIRST = Number(process.env['SIM_FIRST'] ?? 1);
const SEEDS = Number(process.env['SIM_SEEDS'] ?? 1_000_000);
const SEEDS_PER_LINE = 10_000;
/** A run takes a few milliseconds. */
const TIMEOUT_MS = 60_000 + SEEDS * 100;

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

test(
  `${SEEDS} runs of the simulated world from seed ${FIRST} have no fault`,
  async () => {
    const finding = await explore(FIRST, SEEDS, (done) => {
      if (done % SEEDS_PER_LINE === 0) say(`${done} seeds are well`);
    });
    if (finding !== undefined) say(finding.story);
    expect(finding?.fault).toBeUndefined();
  },
  TIMEOUT_MS,
);
