import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { aloneTests } from './test/support/in-process.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alone = aloneTests();

export default defineConfig({
  resolve: {
    alias: [
      // Node gives every package the CommonJS build of graphql; Vite by itself would give our code the other one.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      // Packages of this repository are tested as they are written, not as they were built last.
      { find: /^dms-live$/, replacement: source('src/index.ts') },
      { find: /^dms-live\/publisher$/, replacement: source('src/publisher.ts') },
      { find: /^dms-live-react$/, replacement: source('client/src/index.ts') },
      { find: /^yoga-shared-subscriptions$/, replacement: source('packages/sharing/src/index.ts') },
    ],
  },
  test: {
    globalSetup: 'test/support/requirements.ts',
    // Generous, for slow machines: no test waits for a time-out to pass.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // No `retry` here: it would hide faults. What may have a second try says so itself, with its reason, and is printed.
    reporters: ['default', './test/support/second-tries.ts'],
    // Three more than CI has cores: many tests wait for Redis, a timeout or a browser for half of their time.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          // The import of graphql, Yoga and the server takes seconds: one import for each worker is enough.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: [...alone] } },
    ],
  },
});
