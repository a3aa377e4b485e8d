import { spawnSync } from 'node:child_process';
import { findPython } from '../../demo/server/src/django/python.ts';

interface Requirement {
  readonly name: string;
  readonly debianPackage: string;
  isThere(): boolean;
}

/** The programs that the tests run, with their Debian packages. */
const REQUIREMENTS: readonly Requirement[] = [
  { name: 'redis-server', debianPackage: 'redis-server', isThere: () => isInstalled('redis-server') },
  { name: 'chromium', debianPackage: 'chromium', isThere: () => isInstalled('chromium') },
  {
    name: 'Python 3.10 or newer with venv',
    debianPackage: 'python3-venv',
    isThere: () => findPython() !== undefined,
  },
];

/** Installs missing programs if it may. Otherwise it prints what is missing and how to get it. No test is skipped. */
export default function requirePrograms(): void {
  const missing = REQUIREMENTS.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (process.getuid?.() === 0 && isInstalled('apt-get')) install(packages);
  const lacking = missing.filter(({ isThere }) => !isThere());
  if (lacking.length === 0) return;
  const names = lacking.map(({ name }) => name).join(' and ');
  throw new Error(`The tests need ${names}. Get them with: sudo apt-get install ${packages.join(' ')}`);
}

function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

/** How long we wait for another installation, in seconds: a machine that has just started installs its updates. */
const LOCK_PATIENCE_S = 300;

function install(packages: readonly string[]): void {
  process.stdout.write(`Installing ${packages.join(', ')} for the tests …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const options = ['-q', '-o', `DPkg::Lock::Timeout=${LOCK_PATIENCE_S}`];
    const { status, stderr } = spawnSync('apt-get', [...options, ...command], { env, encoding: 'utf8' });
    if (status !== 0) process.stderr.write(stderr);
  }
}
