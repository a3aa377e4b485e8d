/** Functions that one can see whole. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'vite';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The rooms that are held to it. */
const ROOMS = [
  'client/codegen',
  'client/src',
  'codegen',
  'demo/app/src',
  'demo/server/src',
  'packages/sharing/src',
  'src', // the files in it; of its rooms those that follow
  'src/app',
  'src/auth',
  'src/bus',
  'src/cli',
  'src/config',
  'src/events',
  'src/graphql',
  'src/metrics',
  'src/record',
  'src/topics',
  'src/transport',
  'src/workers',
];
const MAX_LINES = 100;

/** `connection.ts:50: 147 lines` for each function of a file that is longer than `most`. */
function longFunctions(path: string, text: string, most: number): readonly string[] {
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const found: string[] = [];
  const measure = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    const [first, last] = [lineAt(start), lineAt(end)];
    if (last - first + 1 > most) found.push(`${path}:${first}: ${last - first + 1} lines`);
  };
  const visitor = new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  });
  visitor.visit(parseSync(path, text).program);
  return found;
}

test.each(ROOMS)('%s has no function that is longer than a screen or two', (room) => {
  const files = readdirSync(`${ROOT}${room}`, { recursive: room !== 'src', encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path),
  );
  expect(files.length).toBeGreaterThan(0);
  const long = files.flatMap((path) =>
    longFunctions(`${room}/${path}`, readFileSync(`${ROOT}${room}/${path}`, 'utf8'), MAX_LINES),
  );
  expect(long).toEqual([]);
});

test('the check sees functions of every form', () => {
  const body = '{\n\n}';
  const text = `function a() ${body}\nconst b = () => ${body};\nconst c = { d() ${body}, e: function () ${body} };\n`;
  expect(longFunctions('x.ts', text, 2)).toHaveLength(4);
  expect(longFunctions('x.ts', text, 3)).toEqual([]);
});
