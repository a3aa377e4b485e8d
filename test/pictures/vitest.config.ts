import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

/**
 * `npm run pictures` takes all pictures of the demo app, into `test/pictures/out`; `npm run pictures -- -t light-390` takes those of
 * one look, and `ONLY=dialog npm run pictures` those whose names begin so. `npm run pictures -- interaction` measures. CI runs none of it.
 */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ...(tests.resolve && { resolve: tests.resolve }),
  test: {
    include: ['test/pictures/pictures.ts', 'test/pictures/interaction.ts'],
    testTimeout: 600_000,
    globalSetup: 'test/support/requirements.ts',
    maxWorkers: 1,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
