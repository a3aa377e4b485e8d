import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

/** `npm run validate:mutations` takes a quarter of an hour; `MUTANTS=nested npm run validate:mutations` runs one. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ...(tests.resolve && { resolve: tests.resolve }),
  test: {
    include: ['test/mutations/mutate.ts'],
    testTimeout: 120_000,
    globalSetup: 'test/support/requirements.ts',
    hookTimeout: 180_000,
    reporters: ['verbose'],
  },
});
