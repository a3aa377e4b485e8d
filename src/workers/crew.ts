import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/reader.ts';
import type { Logger } from '../log.ts';
import { createRestarts } from './restarts.ts';
import { type SupervisorAnswers, startWorker, type WorkerProcess } from './worker-process.ts';

/** Workers that were started together, with the same settings. Those that die are replaced. */
export interface Crew {
  readonly workers: ReadonlySet<WorkerProcess>;
  readonly numbers: readonly number[];
  /** How many workers there should be. */
  readonly size: number;
  /**
   * Resolves when all of them listen.
   * @throws when one of them cannot start. The caller ends the others.
   */
  start(): Promise<void>;
  /** Leaves the new connections to others, and then sends the clients elsewhere, of one worker after the other. */
  leave(): Promise<void>;
  /** Ends all at once: they send their clients away within the time for stopping, and are killed if that does not end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface CrewOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly answers: SupervisorAnswers;
  /** Numbers that no other worker has. */
  readonly numbers: readonly number[];
  readonly onEnded: (worker: WorkerProcess) => void;
  readonly onRestarted: () => void;
  /** None is left, and none can start. */
  readonly onHopeless: () => void;
  readonly log: Logger;
}

/** How much longer than the time for stopping a worker may take, in milliseconds: it also closes its connections to Redis. */
const GRACE_MS = 5000;
/** How often it is looked at whether the workers live, in milliseconds, and how many times one may give no sign. */
const LOOK_MS = 10_000;
const MAX_SILENCES = 3;

export function createCrew(options: CrewOptions): Crew {
  const { config, environment, answers, numbers, onEnded, onRestarted, onHopeless, log } = options;
  const workers = new Set<WorkerProcess>();
  const stoppingMs = config.shutdownSeconds * 1000 + GRACE_MS;
  const leaving = new AbortController();

  function add(number: number, mayListen: Promise<void>): WorkerProcess {
    const worker = startWorker(number, environment, answers, mayListen);
    workers.add(worker);
    log.info({ worker: number, pid: worker.pid }, 'a worker starts');
    watch(worker, leaving.signal, log);
    void worker.exited.then(() => {
      workers.delete(worker);
      onEnded(worker);
    });
    return worker;
  }

  /** Keeps one place filled, until the crew leaves. */
  async function keep(first: WorkerProcess): Promise<void> {
    const restarts = createRestarts();
    for (let worker = first; !leaving.signal.aborted; ) {
      const start = performance.now();
      const exit = await worker.exited;
      if (leaving.signal.aborted) return;
      const delayMs = restarts.died(performance.now() - start);
      const { number, fault } = worker;
      log.error({ worker: number, ...exit, fault, delayMs }, 'a worker died');
      if (delayMs === undefined && workers.size === 0) return onHopeless();
      await pause(delayMs ?? MAX_PAUSE_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
      if (leaving.signal.aborted) return;
      onRestarted();
      worker = add(number, Promise.resolve());
    }
  }

  async function end(worker: WorkerProcess): Promise<void> {
    worker.stop();
    const timer = setTimeout(() => worker.kill(), stoppingMs);
    await worker.exited;
    clearTimeout(timer);
  }

  return {
    workers,
    numbers,
    size: numbers.length,
    async start() {
      let open = (): void => undefined;
      // They begin together, so that clients spread over all of them.
      const doors = new Promise<void>((resolve) => {
        open = resolve;
      });
      const all = numbers.map((number) => add(number, doors));
      await Promise.all(all.map(({ prepared }) => prepared));
      open();
      await Promise.all(all.map(({ listening }) => listening));
      for (const worker of all) void keep(worker);
    },
    async leave() {
      leaving.abort();
      for (const worker of workers) worker.stopListening();
      for (const worker of workers) await end(worker);
    },
    async stop() {
      leaving.abort();
      await Promise.all([...workers].map(end));
    },
    async kill() {
      leaving.abort();
      for (const worker of workers) worker.kill();
      await Promise.all([...workers].map(({ exited }) => exited));
    },
  };
}

/** The pause of a place whose workers die again and again, while others do the work, in milliseconds. */
const MAX_PAUSE_MS = 60_000;

/** Kills a worker that gives no sign of life: its clients cannot be served, and will resume on another. */
function watch(worker: WorkerProcess, left: AbortSignal, log: Logger): void {
  let silences = 0;
  const timer = setInterval(async () => {
    silences = (await worker.isAlive()) ? 0 : silences + 1;
    if (silences < MAX_SILENCES || left.aborted) return;
    log.error({ worker: worker.number }, 'a worker does not answer: it is killed');
    worker.kill();
  }, LOOK_MS);
  void worker.exited.then(() => clearInterval(timer));
}
