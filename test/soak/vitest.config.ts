import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `SOAK_MINUTES=10 npm run soak` */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/soak/soak.ts'],
    globalSetup: 'test/support/requirements.ts',
    hookTimeout: 60_000,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
