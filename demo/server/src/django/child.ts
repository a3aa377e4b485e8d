import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What it says, to standard output or error, once it works. */
  readonly ready: RegExp;
}

/** A program that runs beside this one, and is gone when this one is. */
export interface Child {
  /** How it said that it works. */
  readonly said: RegExpExecArray;
  /** The end of what it has said. */
  readonly output: string;
  /** Resolves when it has ended: to `true` if it was stopped from here. */
  readonly ended: Promise<boolean>;
  /** Lets it stop by itself; after some seconds it is killed. */
  stop(): Promise<void>;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
}

const KEPT_OUTPUT = 100_000;
const STOP_WITHIN_MS = 5000;

/**
 * Starts a program and waits until it works.
 * @throws with what it said, when it ends instead.
 */
export async function startChild({ program, args, env, cwd, ready }: ChildOptions): Promise<Child> {
  // A group of its own: Ctrl-C reaches this process alone, which stops things in their order.
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let isStopped = false;
  const ended = once(child, 'exit') // rejects where there is no such program
    .then(() => isStopped)
    .finally(() => process.off('exit', killWithUs));

  let output = '';
  const said = await new Promise<RegExpExecArray>((resolve, reject) => {
    const listen = (chunk: string): void => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
      const match = ready.exec(output);
      if (match !== null) resolve(match);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
    ended.then(() => reject(new Error(`${program} ${args.join(' ')} has ended:\n${output}`)), reject);
  });

  async function end(signal: NodeJS.Signals): Promise<void> {
    isStopped = true;
    child.kill(signal);
    await ended;
  }

  return {
    said,
    get output() {
      return output;
    },
    ended,
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await end('SIGTERM');
      clearTimeout(timer);
    },
    kill: () => end('SIGKILL'),
  };
}
