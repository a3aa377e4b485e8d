import { expect, test } from 'vitest';
import { DJANGO_FOLDER, findPython, preparePython, run } from '../../demo/server/src/django/python.ts';

/** Runs a module of the Python environment, and prints its last line. On failure, the message is its whole output. */
async function succeed(args: readonly string[], { folder = '', path = 'tests' } = {}): Promise<void> {
  const python = await preparePython();
  const { code, output, errors } = await run(python, ['-m', ...args], {
    cwd: `${DJANGO_FOLDER}${folder}`,
    env: { ...process.env, PYTHONPATH: path },
  });
  const said = `${output}${errors}`.trim();
  process.stdout.write(`python -m ${args.join(' ')}: ${said.split('\n').at(-1)}\n`);
  expect(code, said).toBe(0);
}

/** The small DMS that uses the app. The path is relative to the app's folder. */
const DMS = '../demo/django';
const PATIENCE_MS = 600_000;

test('the Python tests pass', () => succeed(['pytest', '--quiet']), PATIENCE_MS);

test(
  'sessions work with the oldest Django and Simple JWT too',
  async () => {
    await preparePython();
    const { code, output, errors } = await run(findPython() ?? '', [
      `${DJANGO_FOLDER}tests/matrix.py`,
      '--oldest',
    ]);
    const said = `${output}${errors}`.trim();
    process.stdout.write(`${said.split('\n').at(-1)}\n`);
    expect(code, said).toBe(0);
  },
  PATIENCE_MS,
);

test('the Python code is formatted and free of lint', async () => {
  await succeed(['ruff', 'check', '.', DMS]);
  await succeed(['ruff', 'format', '--check', '.', DMS]);
});

test(
  'the Python types of the app and of the DMS that uses it are correct',
  async () => {
    await succeed(['mypy']);
    await succeed(['mypy'], { folder: DMS });
  },
  PATIENCE_MS,
);
