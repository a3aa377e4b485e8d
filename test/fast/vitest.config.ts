import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tests from '../../vitest.config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`; a type costs nothing, and is left out. */
const IMPORT = /^\s*(?:import|export)\s+(?!type\b)(?:[^;'"]*?from\s*)?'([^']+)'|import\(\s*'([^']+)'\s*\)/gm;
/** With these a test starts another program. */
const STARTS_PROGRAMS = /^(node:child_process|playwright-core)$/;
/** What takes long, or measures memory: searches by chance, the demo. */
const LONG = /\.property\.test\.ts$|\/(simulation|fuzz|document-cache|demo-[\w-]+)\.test\.ts$/;

/** Whether nothing that a file imports from this repository starts another program. */
function isInProcess(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return true;
  seen.add(file);
  return importsOf(file).every((name) => {
    if (!name.startsWith('.')) return !STARTS_PROGRAMS.test(name);
    const path = resolve(dirname(file), name);
    return !/\.tsx?$/.test(path) || !existsSync(path) || isInProcess(path, seen);
  });
}

function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, name, other]) => name ?? other ?? '');
}

const inProcess = ['test', 'packages']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(ROOT, folder, name),
    ),
  )
  .filter((file) => /\.test\.tsx?$/.test(file) && !file.includes('/node_modules/'))
  .filter((file) => isInProcess(file))
  .map((file) => relative(ROOT, file))
  .filter((file) => !LONG.test(file));

/** `npm run test:fast`: the tests that start no other program, and so need no Redis, browser or Python. */
export default defineConfig({
  ...tests,
  root: ROOT,
  test: {
    ...tests.test,
    include: inProcess,
    globalSetup: [],
    isolate: false, // to import graphql, Yoga and the server once for each worker is half of the time
  },
});
