import type { Plan } from './plan.ts';
import type { Samples } from './samples.ts';
import type { BenchRedis } from './support/redis.ts';
import { type System, type SystemName, startSystem } from './systems.ts';

/** What every scenario works with. */
export interface Bench {
  readonly plan: Plan;
  readonly redis: BenchRedis;
  readonly samples: Samples;
  readonly systems: readonly SystemName[];
  readonly profileFolder: string | undefined;
  /** Says how far it is. */
  progress(text: string): void;
}

/**
 * Measures the systems in turn, round by round, so that what disturbs the machine disturbs all alike. They keep running
 * from round to round, unless each is to be fresh.
 */
export async function alternate(
  bench: Bench,
  title: string,
  { rounds, isFresh = false }: { rounds: Readonly<Record<SystemName, number>>; isFresh?: boolean },
  measure: (system: System, round: number) => Promise<Readonly<Record<string, number>>>,
): Promise<void> {
  const running = new Map<SystemName, System>();
  const options = { redisUrl: bench.redis.url, profileFolder: bench.profileFolder };
  try {
    for (let round = 0; round < Math.max(...Object.values(rounds)); round += 1) {
      for (const name of bench.systems) {
        if (round >= rounds[name]) continue;
        bench.progress(`${title}: round ${round + 1}, ${name}`);
        const system = running.get(name) ?? (await startSystem(name, options));
        running.set(name, system);
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
