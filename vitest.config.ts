import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node gives every package the CommonJS build of graphql; Vite by itself would give our code the other one.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/requirements.ts',
    // Generous, for slow machines: no test waits for a time-out to pass.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Processes are killed, hang and fail over for real: a machine that is busy elsewhere may once be too slow for that.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // Two cores: real servers, Redis and a browser share them.
    maxWorkers: 2,
  },
});
