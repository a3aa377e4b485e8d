import type { Plan, Rounds } from './plan.ts';
import type { Samples } from './samples.ts';
import type { BenchRedis } from './support/redis.ts';
import { type System, type SystemName, startSystem } from './systems.ts';

/** The things that every scenario needs. */
export interface Bench {
  readonly plan: Plan;
  readonly redis: BenchRedis;
  readonly samples: Samples;
  readonly systems: readonly SystemName[];
  readonly profileFolder: string | undefined;
  /** Prints the progress. */
  progress(text: string): void;
}

export interface Alternation {
  readonly rounds: Rounds;
  /** Whether each round starts the systems again. Default: they keep running. */
  readonly isFresh?: boolean;
  /** Prepares a system that has just started. */
  readonly prepare?: (system: System) => Promise<void>;
}

/** Measures the systems in turn, round by round, so that a disturbance of the machine affects all of them alike. */
export async function alternate(
  bench: Bench,
  title: string,
  { rounds, isFresh = false, prepare }: Alternation,
  measure: (system: System, round: number) => Promise<Readonly<Record<string, number>>>,
): Promise<void> {
  const running = new Map<SystemName, System>();
  const options = { redisUrl: bench.redis.url, profileFolder: bench.profileFolder };
  try {
    for (let round = 0; round < Math.max(...Object.values(rounds)); round += 1) {
      for (const name of bench.systems) {
        if (round >= (rounds[name] ?? 0)) continue;
        bench.progress(`${title}: round ${round + 1}, ${name}`);
        let system = running.get(name);
        if (system === undefined) {
          system = await startSystem(name, options);
          running.set(name, system);
          await prepare?.(system);
        }
        bench.samples.add(name, await measure(system, round));
        if (!isFresh) continue;
        running.delete(name);
        await system.stop();
      }
    }
  } finally {
    await Promise.all([...running.values()].map((system) => system.stop()));
  }
}
