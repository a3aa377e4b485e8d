import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where the Django side is. */
export const DJANGO_FOLDER = fileURLToPath(new URL('../../../../django/', import.meta.url));

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const IS_FIT = 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))';

/** A Python, 3.10 or newer, that can make virtual environments; `undefined` if there is none. */
export function findPython(): string | undefined {
  return CANDIDATES.find((candidate) => spawnSync(candidate, ['-c', IS_FIT]).status === 0);
}

export const PYTHON_IS_MISSING =
  'Python 3.10 or newer with its venv module is needed. On Debian: sudo apt-get install python3-venv';

/**
 * The Python of `django/.venv`, which is made or brought up to date first: half a minute the first time, nothing later.
 * @throws with what Python said, when there is none or a package cannot be installed.
 */
export async function preparePython(): Promise<string> {
  const python = findPython();
  if (python === undefined) throw new Error(PYTHON_IS_MISSING);
  const { code, output, errors } = await run(python, [`${DJANGO_FOLDER}tests/environment.py`]);
  if (code !== 0) throw new Error(`django/.venv could not be made: ${errors}`);
  return output.trim();
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd = DJANGO_FOLDER, env = process.env } = {},
): Promise<Ended> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}
