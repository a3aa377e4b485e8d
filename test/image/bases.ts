import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Runs a program, and returns what it wrote. Its errors go to the terminal. */
export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
}

/** What Debian's slim images leave out. */
const NOT_SLIM = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'var/lib/apt/lists',
];

/** A Debian without anything but its essentials, as in `debian:bookworm-slim`. */
export function makeSlimDebian(folder: string): void {
  run('debootstrap', '--variant=minbase', 'bookworm', folder);
  for (const path of [...NOT_SLIM, 'var/cache/apt']) rmSync(join(folder, path), { recursive: true });
}

/** Adds this machine's Node and npm, with what npm needs to reach its registry. */
export function addNode(folder: string): void {
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { recursive: true, dereference: true });
  };
  put(process.execPath, 'usr/local/bin/node');
  put(join(run('npm', 'root', '--global').trim(), 'npm'), 'usr/local/lib/node_modules/npm');
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
  const settings = [
    [run('npm', 'config', 'get', 'globalconfig').trim(), 'usr/local/etc/npmrc'],
    [run('npm', 'config', 'get', 'userconfig').trim(), 'root/.npmrc'],
    ['/etc/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/ca-certificates.crt'],
  ] as const;
  for (const [from, to] of settings) if (existsSync(from)) put(resolve(from), to);
}
