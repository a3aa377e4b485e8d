import cluster from 'node:cluster';
import type { Environment } from '../config/reader.ts';
import type { Readiness } from '../health.ts';
import { ownFile } from '../own-files.ts';
import { StartError } from '../start-fault.ts';
import type { MetricsText } from '../transport/probes.ts';
import { openChannel } from './channel.ts';
import { createSignal } from './signal.ts';
import type { MetricsJson } from './total-metrics.ts';

/** How a worker ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the supervisor answers its workers. */
export interface SupervisorAnswers {
  readiness(): Promise<Readiness>;
  metrics(): Promise<MetricsText>;
}

/** A worker, as its supervisor sees it. */
export interface WorkerProcess {
  readonly number: number;
  readonly pid: number | undefined;
  /** Everything is read and prepared, and it asks whether it may listen. */
  readonly prepared: Promise<void>;
  readonly listening: Promise<void>;
  /** Whether it takes new connections. */
  readonly isListening: boolean;
  readonly exited: Promise<Exit>;
  /** Why it could not start, if it said so. */
  readonly fault: string | undefined;
  isAlive(): Promise<boolean>;
  readiness(): Promise<Readiness>;
  /** Its metrics. If it does not answer: what it said the last time. */
  metrics(): Promise<MetricsJson>;
  /** What it said the last time. */
  readonly lastMetrics: MetricsJson;
  stopListening(): void;
  /** Lets it send its clients elsewhere, and end. */
  stop(): void;
  kill(): void;
}

const PROGRAM = ownFile('dist/workers/worker.js');

const DOES_NOT_ANSWER: Readiness = { ready: false, reason: 'the process does not answer' };

/** @param mayListen opens the doors to a worker that is prepared. */
export function startWorker(
  number: number,
  environment: Environment,
  answers: SupervisorAnswers,
  mayListen: Promise<void>,
): WorkerProcess {
  // Each worker accepts connections itself. With round robin Node would accept them here: a connection that is under way to a worker
  // which dies would be held open for ever and served by nobody.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: PROGRAM, args: [`${number}`] });
  const child = cluster.fork(onlyThese(environment));
  const prepared = createSignal();
  const listening = createSignal();
  let isListening = false;
  let fault: string | undefined;
  let lastMetrics: MetricsJson = [];

  const channel = openChannel(
    child,
    {
      ...answers,
      mayListen() {
        prepared.resolve();
        return mayListen;
      },
    },
    {
      listening() {
        isListening = true;
        listening.resolve();
      },
      failed(reason) {
        fault = String(reason);
      },
      lastMetrics(metrics) {
        lastMetrics = metrics as MetricsJson; // from a worker of ours
      },
    },
  );
  const exited = new Promise<Exit>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      isListening = false;
      const failure = new StartError(
        fault ?? `Worker ${number} ended (${signal ?? code}) before it was listening.`,
      );
      prepared.reject(failure);
      listening.reject(failure);
      resolve({ code, signal });
    };
    child.once('exit', end);
    child.on('error', () => {
      if (child.process.pid === undefined) end(null, 'not started'); // what else fails, fails since it is ending
    });
  });

  return {
    number,
    pid: child.process.pid,
    prepared: prepared.promise,
    listening: listening.promise,
    get isListening() {
      return isListening;
    },
    exited,
    get fault() {
      return fault;
    },
    isAlive: () => channel.ask<boolean>('alive').catch(() => false),
    readiness: () => channel.ask<Readiness>('readiness').catch(() => DOES_NOT_ANSWER),
    async metrics() {
      lastMetrics = await channel.ask<MetricsJson>('metrics').catch(() => lastMetrics);
      return lastMetrics;
    },
    get lastMetrics() {
      return lastMetrics;
    },
    stopListening() {
      isListening = false;
      void channel.say('stopListening');
    },
    stop: () => void channel.say('stop'),
    kill: () => void child.process.kill('SIGKILL'),
  };
}

/** The environment of a worker. `fork` adds it to that of this process, in which settings may be that have been removed since. */
function onlyThese(environment: Environment): Environment {
  const removed = Object.keys(process.env).filter((name) => !(name in environment));
  return { ...Object.fromEntries(removed.map((name) => [name, undefined])), ...environment };
}
