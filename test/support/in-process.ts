import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`; a type costs nothing, and is left out. */
const IMPORT = /^\s*(?:import|export)\s+(?!type\b)(?:[^;'"]*?from\s*)?'([^']+)'|import\(\s*'([^']+)'\s*\)/gm;
/** With these a test starts another program. */
const STARTS_PROGRAMS = /^(node:child_process|playwright-core)$/;
/** These measure the memory, the timers or the warnings of their process, so that they need one of their own. */
const ALONE =
  /\/(simulation|fuzz|document-cache|leaks|secrets|upgrades)\.test\.ts$|\/wire\/graphiql\.test\.ts$/;

/** The test files, by paths from the root, that start no other program and may share a process. */
export function inProcessTests(): readonly string[] {
  return testFiles().filter((path) => !ALONE.test(path) && isInProcess(join(ROOT, path)));
}

/** The test files, by paths from the root, that share their process with no other. */
export function aloneTests(): readonly string[] {
  return testFiles().filter((path) => ALONE.test(path));
}

function testFiles(): readonly string[] {
  return ['test', 'packages']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((path) => /\.test\.tsx?$/.test(path) && !path.includes('node_modules'))
    .toSorted();
}

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
