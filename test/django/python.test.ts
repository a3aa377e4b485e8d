import { expect, test } from 'vitest';
import { DJANGO_FOLDER, preparePython, run } from '../../src/demo/django/python.ts';

/** Runs a module of the Python environment and prints how it ended. */
async function succeed(...args: readonly string[]): Promise<void> {
  const python = await preparePython();
  const { code, output, errors } = await run(python, args, {
    env: { ...process.env, PYTHONPATH: `${DJANGO_FOLDER}tests/dms` },
  });
  const said = `${output}${errors}`.trim();
  process.stdout.write(`python ${args.join(' ')}\n${said.split('\n').slice(-4).join('\n')}\n`);
  expect(code, said).toBe(0);
}

test(
  'the Python tests pass',
  () => succeed('tests/dms/manage.py', 'test', 'tests', '--settings', 'config.quick_settings'),
  300_000,
);
test('the Python code is formatted and free of lint', async () => {
  await succeed('-m', 'ruff', 'check', '--no-cache', '.');
  await succeed('-m', 'ruff', 'format', '--no-cache', '--check', '.');
}, 120_000);
test('the Python types hold', () => succeed('-m', 'mypy'), 300_000);
