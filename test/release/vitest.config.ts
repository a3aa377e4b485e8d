import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

/** `npm run release:check`: what is released is made, and each of the four is tried in a folder of its own. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ...(tests.resolve && { resolve: tests.resolve }),
  test: {
    include: ['test/release/release.ts'],
    globalSetup: 'test/support/requirements.ts',
    testTimeout: 240_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
});
