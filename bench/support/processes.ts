import { type ChildProcess, fork, type Serializable, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that this benchmark has started. */
export interface Program {
  readonly pid: number;
  /** Waits until its output matches, and returns the match of the pattern's group. Rejects if the process ends before. */
  says(pattern: RegExp): Promise<string>;
  /** Asks it to end, and kills it if it does not. */
  stop(): Promise<void>;
}

/** The project's root. This file runs from `dist/bench/support`. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const STOP_PATIENCE_MS = 5000;
const running = new Set<ChildProcess>();

/** Ends all started processes together with this one, whatever ends it. */
export function endProgramsOnExit(): void {
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
}

/** @param environment all its variables, besides PATH. */
export function startProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listen = (chunk: Buffer): void => {
    output = `${output}${chunk}`.slice(-4000);
    child.emit('output');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const stop = keep(child);
  child.on('error', () => child.emit('output'));
  child.on('exit', () => child.emit('output'));

  return {
    pid: child.pid ?? 0,
    stop,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found[1] ?? found[0];
        if (child.pid === undefined || !isRunning(child)) throw new Error(`${command} has ended: ${output}`);
        await once(child, 'output');
      }
    },
  };
}

/** A process that answers orders, one at a time. */
export interface Servant {
  ask(order: Serializable): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param module relative to `dist/bench`. */
export function startServant(module: string): Servant {
  const child = fork(fileURLToPath(new URL(`../${module}`, import.meta.url)), { cwd: ROOT });
  const stop = keep(child);
  const ended = new AbortController();
  child.on('exit', () => ended.abort(new Error(`${module} has ended`)));
  return {
    stop,
    async ask(order) {
      const answered = once(child, 'message', { signal: ended.signal });
      child.send(order);
      const [answer]: unknown[] = await answered;
      return answer;
    },
  };
}

function keep(child: ChildProcess): () => Promise<void> {
  running.add(child);
  child.on('exit', () => running.delete(child));
  return async () => {
    if (!isRunning(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await exited;
    clearTimeout(timer);
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
