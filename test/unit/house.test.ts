/** The house: which file may import which. Imports point down; there is no cycle; no file imports a demo or a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The floors, the highest first. A file may import from its own floor and from lower floors. Each floor is a list of files and
 * folders.
 * - The commands, and the server as a program of its own.
 * - The entries start the server or a publisher. `app.ts`, with a file of `app/` for each part, is the only one that knows all parts.
 * - The roof: settings and metrics use words of every floor (limits, kinds, reasons). Only the commands and the entries import them. A floor
 *   declares the settings that it takes and the observer that it reports to.
 * - The ground: files that any floor may use. They import only each other.
 * `packages/` are not part of this house: each imports nothing of the project, and every floor may use one by its name.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['src/cli', 'src/main.ts'],
  [
    'src/run-server.ts',
    'src/workers',
    'src/start-fault.ts',
    'src/until-signal.ts',
    'src/index.ts',
    'src/in-process.ts',
    'src/app.ts',
    'src/app',
    'src/publisher.ts',
  ],
  ['src/config', 'src/metrics.ts', 'src/metrics'],
  ['src/transport'],
  ['src/graphql', 'src/generated'],
  ['src/auth'],
  ['src/topics'],
  ['src/events'],
  ['src/bus'],
  [
    'src/errors.ts',
    'src/log.ts',
    'src/elapsed.ts',
    'src/health.ts',
    'src/tracing.ts',
    'src/record',
    'src/own-files.ts',
  ],
];
const ROOF = 2;

interface Import {
  readonly from: string;
  readonly to: string;
}

const isIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** The number of a file's floor: 0 is the highest; −1 if the file has no floor. */
const floorOf = (path: string): number =>
  FLOORS.findIndex((places) => places.some((place) => isIn(path, place)));

const sources = ['src', 'packages'].flatMap(sourcesIn);
const imports = sources.flatMap(importsOf);

describe('the house', () => {
  test('every file in src has a floor', () => {
    expect(sources.filter((path) => isIn(path, 'src') && floorOf(path) < 0)).toEqual([]);
  });

  test('imports point down', () => {
    expect(imports.filter(pointsUp).map(describeImport)).toEqual([]);
  });

  test('only the commands and the entries import the roof', () => {
    const toRoof = imports.filter(({ from, to }) => floorOf(to) === ROOF && floorOf(from) > ROOF);
    expect(toRoof.map(describeImport)).toEqual([]);
  });

  test('only app.ts imports the files that build its parts', () => {
    const toParts = imports.filter(({ from, to }) => isIn(to, 'src/app') && !isIn(from, 'src/app'));
    expect([...new Set(toParts.map(({ from }) => from))]).toEqual(['src/app.ts']);
  });

  test('no import leaves src or a package', () => {
    const leaving = imports.filter(({ from, to }) => homeOf(from) !== homeOf(to));
    expect(leaving.map(describeImport)).toEqual([]);
  });

  test('no two files import each other, directly or indirectly', () => {
    expect(circlesIn(imports)).toEqual([]);
  });
});

describe('the check itself', () => {
  const upward: Import = { from: 'src/bus/bus.ts', to: 'src/topics/hub.ts' };

  test('sees imports of every form', () => {
    const text = [
      "import { a } from './a.ts';",
      "import {\n  type B,\n} from './b.ts';",
      "export type { C } from './c.ts';",
      "import './d.ts';",
      "const e = await import('./e.ts');",
      "type F = import('./f.ts').F;",
    ].join('\n');
    const found = importsIn('src/bus/x.ts', text).map(({ to }) => to);
    expect(found.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `src/bus/${name}.ts`));
  });

  test('reports an import that points up, and accepts one that points down', () => {
    expect(pointsUp(upward)).toBe(true);
    expect(pointsUp({ from: upward.to, to: upward.from })).toBe(false);
  });

  test('finds cycles of any length', () => {
    const around = ['a', 'b', 'c'].map((name, index) => ({ from: name, to: ['b', 'c', 'a'][index] ?? '' }));
    expect(circlesIn([...around, { from: 'c', to: 'd' }])).toEqual([['a', 'b', 'c']]);
    expect(circlesIn([{ from: 'a', to: 'b' }])).toEqual([]);
  });
});

function pointsUp({ from, to }: Import): boolean {
  return isIn(from, 'src') && floorOf(to) < floorOf(from) && floorOf(to) >= 0;
}

/** `src`, or a package's folder: a file may import from it by a relative path. */
function homeOf(path: string): string {
  return path.split('/', isIn(path, 'packages') ? 2 : 1).join('/');
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(folder, path))
    .filter((path) => /\.ts$/.test(path) && !/\.d\.ts$|\/(node_modules|dist|test)\//.test(path));
}

function importsOf(path: string): Import[] {
  return importsIn(path, readFileSync(join(ROOT, path), 'utf8'));
}

/** All imports by a relative path, including imports of types. */
function importsIn(path: string, text: string): Import[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, target = '']) => ({
    from: path,
    to: posix.join(posix.dirname(path), target),
  }));
}

/** Groups of files. In a group every file imports all others, directly or indirectly. */
function circlesIn(edges: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reach = (start: string): Set<string> => {
    const reached = new Set<string>();
    const next = [start];
    for (let path = next.pop(); path !== undefined; path = next.pop()) {
      for (const to of targets.get(path) ?? []) {
        if (reached.has(to)) continue;
        reached.add(to);
        next.push(to);
      }
    }
    return reached;
  };
  const reached = new Map([...targets.keys()].map((path) => [path, reach(path)]));
  const inCircles = [...reached.keys()].filter((path) => reached.get(path)?.has(path));
  const groups = inCircles.map((path) =>
    inCircles.filter((other) => reached.get(path)?.has(other) && reached.get(other)?.has(path)).toSorted(),
  );
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

const describeImport = ({ from, to }: Import): string => `${from} imports ${to}`;
