import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`src/${name}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      // Node gives every package the CommonJS build of graphql; Vite by itself would give our code the other one.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      // The demo imports the product by its name. In tests that is its source, as everywhere else in them.
      { find: /^dms-live$/, replacement: source('index') },
      { find: /^dms-live\/publisher$/, replacement: source('publisher') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/requirements.ts',
    // Generous, for slow machines: no test waits for a time-out to pass.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // No `retry` here: it would hide faults. What may have a second try says so itself, with its reason, and is printed.
    reporters: ['default', './test/support/second-tries.ts'],
    // Two cores: real servers, Redis and a browser share them.
    maxWorkers: 2,
  },
});
