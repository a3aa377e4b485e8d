import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const sharing = fileURLToPath(new URL('packages/sharing/src/index.ts', import.meta.url));

export default defineConfig({
  // Node gives every package the CommonJS build of graphql; Vite by itself would give our code the other one.
  // The package is tested as it is written, not as it was built last.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      { find: /^yoga-shared-subscriptions$/, replacement: sharing },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
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
