import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ImageConfig } from './buildah.ts';

/** Mounts the image's files read-only, with a /proc of the container's own, and becomes its process. */
const ENTER = [
  'mount --bind "$1" "$1"',
  'mount -o remount,bind,ro "$1"',
  'mount -t proc proc "$1/proc"',
  'root=$1 user=$2 folder=$3',
  'shift 3',
  'exec chroot --userspec="$user" "$root" env --ignore-environment --chdir="$folder" "$@"',
].join('\n');

export interface Container {
  /** The process that is number 1 in the container, by its number outside. */
  readonly pid: number;
  readonly exited: Promise<number | null>;
}

/** Starts a process as a container runtime would: as number 1, as the image's user, on files that nobody can write. */
export function enter(root: string, { User, Env, WorkingDir }: ImageConfig, command: readonly string[]) {
  const args = [root, User, WorkingDir, ...Env, ...command];
  return spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', ENTER, 'sh', ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

export async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit');
  return code;
}

/** Runs the image's own command. */
export async function start(
  root: string,
  config: ImageConfig,
  settings: readonly string[],
): Promise<Container> {
  const withSettings = { ...config, Env: [...config.Env, ...settings] };
  const child = enter(root, withSettings, [...config.Entrypoint, ...config.Cmd]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
    child.emit('output');
  });
  const says = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(output)) await once(child, 'output');
  };
  const exited = exitCodeOf(child);
  const early = exited.then((code) => Promise.reject(new Error(`The server ended with ${code}: ${output}`)));
  await Promise.race([says(/"msg":"listening"/), early]);
  early.catch(() => undefined); // it may end now
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  return { pid: Number(children), exited };
}
