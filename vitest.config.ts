import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/requirements.ts',
    // Generous, for slow machines: no test waits for a time-out to pass.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: real servers, Redis and a browser share them.
    maxWorkers: 2,
  },
});
