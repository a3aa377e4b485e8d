import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A built program of this project, in its own process. */
export interface Program {
  readonly child: ChildProcess;
  /** Waits until its standard output or error matches. Returns the match. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly output: string;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
}

/** What was built. */
export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Runs `dist/{entry}` with only PATH of this environment, and kills it after the test. */
export function useProgram(
  entry: string,
  settings: Record<string, string>,
  dist = DIST,
  args: readonly string[] = [],
): Program {
  return useCommand(process.execPath, [join(dist, entry), ...args], settings);
}

/** The same for any program. */
export function useCommand(
  program: string,
  args: readonly string[],
  settings: Record<string, string>,
): Program {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], ...settings },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const listen = (chunk: Buffer): void => {
    output += chunk;
    child.emit('output');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return {
    child,
    get output() {
      return output;
    },
    async says(pattern) {
      let match = pattern.exec(output);
      while (match === null) {
        await once(child, 'output');
        match = pattern.exec(output);
      }
      return match;
    },
    exited: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
}
