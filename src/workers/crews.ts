import type { Config } from '../config/config.ts';
import type { Environment } from '../config/reader.ts';
import type { Logger } from '../log.ts';
import { type Crew, createCrew } from './crew.ts';
import { createTotalMetrics } from './total-metrics.ts';
import { totalReadiness } from './total-readiness.ts';
import type { SupervisorAnswers, WorkerProcess } from './worker-process.ts';

/** Settings that are good, and the environment that they were read from. */
export interface Settings {
  readonly config: Config;
  readonly environment: Environment;
}

/** The crew that works, and while workers are being replaced the one that comes or leaves. */
export interface Crews {
  /** The crew that takes new connections; `undefined` until the first one does. */
  current: Crew | undefined;
  isStopping: boolean;
  /** What all of them together say of the server. */
  readonly answers: SupervisorAnswers;
  /** A new crew, with numbers that no worker has. */
  hire(settings: Settings): Crew;
  /** Forgets a crew that has no workers any more. */
  dismiss(crew: Crew): void;
  /** Ends all workers within the time for stopping. */
  stop(): Promise<void>;
  /** Ends all workers at once. */
  kill(): Promise<void>;
}

/** @param onHopeless is called when no worker can live. */
export function createCrews(log: Logger, onHopeless: () => void): Crews {
  const crews = new Set<Crew>();
  const totals = createTotalMetrics();
  const everyone = (): readonly WorkerProcess[] => [...crews].flatMap(({ workers }) => [...workers]);
  const listening = (): readonly WorkerProcess[] => everyone().filter(({ isListening }) => isListening);

  const answers: SupervisorAnswers = {
    async readiness() {
      if (self.isStopping) return { ready: false, reason: 'stopping' };
      if (self.current === undefined) return { ready: false, reason: 'starting' };
      const { size } = self.current;
      const asked = listening().map(async (worker) => ({
        number: worker.number,
        readiness: await worker.readiness(),
      }));
      return totalReadiness(await Promise.all(asked), size);
    },
    metrics() {
      const ask = async (worker: WorkerProcess) => ({
        number: worker.number,
        metrics: await worker.metrics(),
      });
      return totals.render(() => Promise.all(everyone().map(ask)), listening().length);
    },
  };

  const self: Crews = {
    current: undefined,
    isStopping: false,
    answers,
    hire({ config, environment }) {
      const size = config.workers ?? 1;
      const taken = new Set([...crews].flatMap(({ numbers }) => numbers));
      const some = Array.from({ length: taken.size + size }, (_, index) => index + 1);
      const crew = createCrew({
        config,
        environment,
        answers,
        numbers: some.filter((number) => !taken.has(number)).slice(0, size),
        onEnded: ({ lastMetrics }) => totals.retire(lastMetrics),
        onRestarted: totals.restarted,
        onHopeless,
        log,
      });
      crews.add(crew);
      return crew;
    },
    dismiss: (crew) => void crews.delete(crew),
    async stop() {
      self.isStopping = true;
      await Promise.all([...crews].map((crew) => crew.stop()));
    },
    async kill() {
      self.isStopping = true;
      await Promise.all([...crews].map((crew) => crew.kill()));
    },
  };
  return self;
}
