import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython, run } from '../../demo/server/src/django/python.ts';
import { ROOT } from '../support/in-process.ts';

const OF_THE_REPOSITORY = /\/django\/(\.venv|tests|bench|\.\w+_cache|[\w.]+\.egg-info)|__pycache__/;

/** Runs a program; if it fails, the error contains its output. */
async function succeed(
  program: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
): Promise<string> {
  const { code, output, errors } = await run(program, args, { cwd, env });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${output}${errors}`);
  return output;
}

/** A Python in a fresh virtual environment with these packages. */
async function makePython(folder: string, ...packages: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await succeed(findPython() ?? 'python3', ['-m', 'venv', 'venv'], folder);
  const python = join(folder, 'venv/bin/python');
  await succeed(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    folder,
  );
  return python;
}

/** The names of the files in the wheel and in the source distribution. */
const LIST = `import sys, tarfile, zipfile
wheel, sdist = sys.argv[1:]
print("\\n".join(zipfile.ZipFile(wheel).namelist() + tarfile.open(sdist).getnames()))`;

/** Makes the source distribution, and the wheel of that: so it is complete. */
export async function buildWheel(folder: string, into: string) {
  const python = await makePython(folder, 'build');
  const sources = join(folder, 'django');
  await cp(join(ROOT, 'django'), sources, {
    recursive: true,
    filter: (path) => !OF_THE_REPOSITORY.test(path),
  });
  await succeed(python, ['-m', 'build', '--outdir', into, sources], folder);
  const made = (await readdir(into)).filter((name) => name.startsWith('dms_live_django-'));
  const find = (end: string): string => join(into, made.find((name) => name.endsWith(end)) ?? '');
  const [wheel, sdist] = [find('.whl'), find('.tar.gz')];
  const paths = (await succeed(python, ['-c', LIST, wheel, sdist], folder)).trim().split('\n');
  return { wheel, sdist, paths };
}

/** `manage.py check` of the small DMS, in an environment that has the wheel and what the DMS needs. */
export async function checkWheel(folder: string, wheel: string): Promise<string> {
  const python = await makePython(folder, wheel, 'djangorestframework', 'djangorestframework-simplejwt');
  await cp(join(ROOT, 'demo/django'), join(folder, 'dms'), { recursive: true });
  return succeed(python, ['manage.py', 'check'], join(folder, 'dms'), {
    PATH: process.env['PATH'],
    DATABASE_URL: `sqlite:///${join(folder, 'dms.sqlite3')}`,
    DJANGO_SETTINGS_MODULE: 'config.settings',
  });
}
