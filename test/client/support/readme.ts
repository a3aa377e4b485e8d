import { readFile } from 'node:fs/promises';

const README = new URL('../../../client/README.md', import.meta.url);
const BLOCK = /^```(diff|tsx|ts)\n([\s\S]*?)^```$/gm;
const PATH = /^ ?\/\/ (\S+)\n/;

/** The files in the README, by the path in the first line of each. A diff gives the file before and after the change. */
export async function readReadmeFiles(): Promise<{ before: Files; after: Files }> {
  const before: Files = {};
  const after: Files = {};
  for (const [, language, text = ''] of (await readFile(README, 'utf8')).matchAll(BLOCK)) {
    const path = PATH.exec(text)?.[1];
    if (path === undefined) throw new Error(`A block of the README names no file:\n${text}`);
    if (language === 'diff') {
      before[path] = apply(text, '-');
      after[path] = apply(text, '+');
    } else {
      after[path] = text;
    }
  }
  return { before, after };
}

type Files = Record<string, string>;

/** The lines of one side of a diff. */
function apply(diff: string, side: '-' | '+'): string {
  const lines = diff.split('\n').filter((line) => [' ', '', side].includes(line.charAt(0)));
  return lines.map((line) => line.slice(1)).join('\n');
}
