import { defineConfig } from 'vitest/config';

/** `npm run test:image`: minutes, hundreds of megabytes, and root. CI runs test/deploy/dockerfile.test.ts instead. */
export default defineConfig({
  test: { include: ['test/image/*.image.ts'], testTimeout: 900_000, hookTimeout: 900_000 },
});
