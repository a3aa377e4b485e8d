/** Comments, names of tests, identifiers, messages and pages are plain English: none has a word that CONTRIBUTING.md says to write again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const ROOMS = [
  'bench',
  'client',
  'codegen',
  'contract',
  'demo',
  'deploy',
  'django',
  'docs',
  'packages',
  'release',
  'src',
  'test',
];
const SKIPPED =
  /(^|\/)(node_modules|dist|generated|migrations|screenshots|\.venv[^/]*|\.\w+_cache|__pycache__)(\/|$)/;
/** These two quote the words. */
const QUOTING = ['CONTRIBUTING.md', 'test/unit/words.test.ts'];

/** Not "behind a proxy", where it means a place. */
const WORDS =
  /\b(anew|whoever|be it (?:an?|the|by|for|since|with|of|in|on|because|from)|so many|tell|tells|telling|told|hear|hears|hearing|heard|(?:hand|hands|handed|handing) out|behind(?! (?:an?|any|each|one|the|trusted|untrusted)\b[^.,;]{0,20}(?:prox|balancer|address|nginx)))\b/gi;

/** Where the prose of a file is, by how its name ends. */
const PROSE: Readonly<Record<string, RegExp>> = {
  ts: /\/\*[\s\S]*?\*\/|(?<=^|[\s;,{(])\/\/.*$|\b(?:test|describe)(?:\.\w+)*\(\s*(['"`]).*?\1|\]\)\(\s*(['"`]).*?\2/gm,
  py: /"""[\s\S]*?"""|(?<=^|\s)#.*$/gm,
  conf: /(?<=^|\s)#.*$/gm,
  yaml: /(?<=^|\s)#.*$/gm,
  lua: /--.*$/gm,
  md: /^[\s\S]*$/g,
};

/** The words of names, such as `isTold`. A preposition or a title may also be part of a message, which is code as well. */
const PARTS =
  /^(anew|behind|hear|hearer|hearers|hearing|heard|hears|sought|tell|teller|telling|tells|told|unheard|whoever)$/i;
/** `isTold` → `is`, `Told`; `TEST_TOLD` → `TEST`, `TOLD` */
const NAME_PART = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g;

function filesOf(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, encoding: 'utf8' }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.test(path)) return [];
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

const proseOf = (file: string): RegExp | undefined =>
  QUOTING.includes(file) ? undefined : PROSE[(file.split('.').at(-1) ?? '').replace('tsx', 'ts')];

/** `src/bus/bus.ts:12: behind` for each word in the prose of a file. */
function wordsIn(file: string): readonly string[] {
  const prose = proseOf(file);
  if (prose === undefined) return [];
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(prose)].flatMap((passage) =>
    [...passage[0].matchAll(WORDS)].map((word) => {
      const line = text.slice(0, passage.index + word.index).split('\n').length;
      return `${file}:${line}: ${word[0]}`;
    }),
  );
}

/** The same for everything else in a file of code: names, and the words of messages. */
function namesIn(file: string): readonly string[] {
  const prose = proseOf(file);
  if (prose === undefined || file.endsWith('.md')) return [];
  const code = readFileSync(join(ROOT, file), 'utf8').replace(prose, (text) => text.replace(/[^\n]/g, ' '));
  return code
    .split('\n')
    .flatMap((line, index) =>
      (line.match(NAME_PART) ?? [])
        .filter((part) => PARTS.test(part))
        .map((part) => `${file}:${index + 1}: ${part}`),
    );
}

const pages = readdirSync(ROOT, { encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const found = [...pages, ...ROOMS.flatMap(filesOf)].flatMap(wordsIn);

test('no word to be written again is in a room that is clean', () => {
  expect(found).toEqual([]);
});

test('no name or message has such a word', () => {
  expect(ROOMS.flatMap(filesOf).flatMap(namesIn)).toEqual([]);
});
