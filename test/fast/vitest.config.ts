import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';
import { inProcessTests, ROOT } from '../support/in-process.ts';

/** Tests that take long: random searches, the demo, and those with a server for each of very many cases. */
const LONG =
  /\.property\.test\.ts$|\/(demo-[\w-]+|authorization|bad-[\w-]+|tokens|refused-tokens|field-conflicts)\.test\.ts$/;

const { projects, ...options } = tests.test ?? {};

/** `npm run test:fast`: the tests that start no other program, so they need no Redis, browser or Python. */
export default defineConfig({
  ...tests,
  root: ROOT,
  test: {
    ...options,
    include: inProcessTests().filter((path) => !LONG.test(path)),
    globalSetup: [],
    isolate: false, // as in vitest.config.ts
  },
});
