import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPython } from '../../demo/server/src/django/python.ts';
import { hasNginx } from '../deploy/support/nginx-program.ts';
import { findPostgres } from '../django/support/postgres-programs.ts';

interface Requirement {
  readonly name: string;
  readonly debianPackage: string;
  isThere(): boolean;
}

const INSTALL = fileURLToPath(new URL('debian.sh', import.meta.url));

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

/** Without them, tests are skipped. That may not happen in CI. */
const NEEDED_IN_CI: readonly Requirement[] = [
  { name: 'PostgreSQL', debianPackage: 'postgresql', isThere: () => findPostgres() !== undefined },
  { name: 'nginx', debianPackage: 'nginx', isThere: hasNginx },
  { name: 'promtool', debianPackage: 'promtool', isThere: () => isInstalled('promtool') },
];

const isCi = process.env['CI'] === 'true';

/** Installs missing programs if it may. Otherwise it prints what is missing and how to get it. */
export default function requirePrograms(): void {
  const mayInstall = process.getuid?.() === 0 && isInstalled('apt-get');
  if (isCi && mayInstall) install([]); // `.ci/run` has begun: this waits for it
  const needed = isCi ? [...REQUIREMENTS, ...NEEDED_IN_CI] : REQUIREMENTS;
  const missing = needed.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (mayInstall) install(packages);
  const lacking = missing.filter(({ isThere }) => !isThere());
  if (lacking.length === 0) return;
  const names = lacking.map(({ name }) => name).join(' and ');
  throw new Error(`The tests need ${names}. Get them with: sudo apt-get install ${packages.join(' ')}`);
}

function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

/** @param packages if there are none: all that CI needs. */
function install(packages: readonly string[]): void {
  spawnSync(INSTALL, packages, { stdio: ['ignore', 'inherit', 'inherit'] });
}
