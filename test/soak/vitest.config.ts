import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

/** `SOAK_MINUTES=10 SIM_SEEDS=1000000 npm run soak` runs all; `npm run soak -- fuzz` runs one; `npm run soak -- past tabs` runs races and tabs of the client. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ...(tests.resolve && { resolve: tests.resolve }),
  test: {
    include: [
      'test/soak/soak.ts',
      'test/soak/demo-app.ts',
      'test/soak/people.ts',
      'test/soak/fuzz.ts',
      'test/soak/simulation.ts',
      'test/soak/upgrade.ts',
      // The same tests as always, ten times longer.
      'test/client/bridge-past.property.test.ts',
      'test/client/tabs.test.ts',
    ],
    env: { RACES: '1000', TABS: '1000', ...process.env },
    testTimeout: 600_000,
    globalSetup: 'test/support/requirements.ts',
    hookTimeout: 60_000,
    // Most of what a simulated run makes is garbage at its end: with more room for it, runs take a third less.
    execArgv: ['--max-semi-space-size=64'],
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
