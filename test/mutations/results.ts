/** What came of the mutants: kept beside them, and published in docs/validation.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { MUTANTS } from './mutants.ts';

/** By the id of a mutant: the lines that turned red, with commas between them; empty: none. */
export type Results = Record<string, string>;

const FILE = new URL('results.json', import.meta.url);
const PAGE = new URL('../../docs/validation.md', import.meta.url);
const TABLE = /(<!-- generated: mutations -->\n)[\s\S]*?(\n<!-- end of mutations -->)/;

export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(FILE, 'utf8'));
  } catch {
    return {};
  }
}

/** The table of the page. */
export function tableOf(results: Results): string {
  const rows = MUTANTS.map(({ id, guard, survives }) => {
    const reds = results[id];
    const outcome =
      reds === undefined
        ? 'not run yet'
        : reds !== ''
          ? reds
          : `**survives.** ${survives ?? 'Not explained yet.'}`;
    return `| ${guard} | ${outcome} |`;
  });
  return ['| without this guard of the server: | red |', '|---|---|', ...rows].join('\n');
}

export async function publishResults(results: Results): Promise<void> {
  const known = Object.fromEntries(
    MUTANTS.flatMap(({ id }) => (results[id] === undefined ? [] : [[id, results[id]]])),
  );
  await writeFile(FILE, `${JSON.stringify(known, null, 2)}\n`);
  const page = await readFile(PAGE, 'utf8');
  await writeFile(
    PAGE,
    page.replace(TABLE, (_all, start: string, end: string) => start + tableOf(results) + end),
  );
}
