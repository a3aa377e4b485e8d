/** The pages match the repository: paths and links exist, and PROTOCOL.md has every section that the code cites. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'PROTOCOL.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { encoding: 'utf8' }).map((name) => `docs/${name}`),
  'client/README.md',
  'deploy/README.md',
  'django/README.md',
  'packages/sharing/README.md',
];

const FENCED = /^```[\s\S]*?^```$/gm;
const INDENTED = /^ {4}.*$/gm;
const IN_BACKTICKS = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;
/** A path below a folder at the root of the repository. `src/live.ts` of an example app stands in a fenced block. */
const PATH =
  /^(?:\.ci|bench|client|codegen|contract|demo|deploy|django|docs|packages|release|src|test)(?:\/[\w.-]+)*\/?$/;

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const proseOf = (page: string): string => textOf(page).replace(FENCED, '').replace(INDENTED, '');

/** The paths that a page names in backticks, also within a command. */
function pathsOf(page: string): readonly string[] {
  const words = [...proseOf(page).matchAll(IN_BACKTICKS)].flatMap(([, code = '']) => code.split(' '));
  return words.filter((word) => word.includes('/') && PATH.test(word)).map((path) => path.replace(/\/$/, ''));
}

interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): readonly Link[] {
  return [...proseOf(page).matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { path: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}

/** The anchors that GitHub makes from a page's headings. */
function anchorsOf(page: string): readonly string[] {
  return [
    ...textOf(page)
      .replace(FENCED, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const isThere = (path: string): boolean => existsSync(join(ROOT, path));

describe.each(PAGES)('%s', (page) => {
  test('names only paths that exist', () => {
    const paths = [...pathsOf(page), ...linksOf(page).map(({ path }) => path)];
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  test('links only to headings that exist', () => {
    const broken = linksOf(page).filter(
      ({ path, anchor }) => anchor !== undefined && !anchorsOf(path).includes(anchor),
    );
    expect(broken).toEqual([]);
  });
});

test('PROTOCOL.md has every section that the code cites', () => {
  const files = ['src', 'test', 'client/src', 'django/dms_live'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|py)$/.test(name))
      .map((name) => join(folder, name)),
  );
  const cited = files.flatMap((file) =>
    [...textOf(file).matchAll(/(?:contract|contract alone|PROTOCOL\.md)[,( ]+section (\d+)/g)].map(
      ([, number]) => number,
    ),
  );
  const there = [...textOf('PROTOCOL.md').matchAll(/^## (\d+)\. /gm)].map(([, number]) => number);
  expect(cited.length).toBeGreaterThan(5);
  expect(cited.filter((section) => !there.includes(section))).toEqual([]);
});
