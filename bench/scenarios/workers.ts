import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import { cpuOfEach } from '../support/usage.ts';
import { warmUp } from './warm-up.ts';

/** How much the busiest process has to do where one serves everybody, and where two workers do: that bounds what a machine can serve. */
export async function measureWorkers(bench: Bench): Promise<void> {
  const { plan, redis } = bench;
  const { sockets } = plan;
  const { events, perSecond, rounds } = plan.workers;
  const prepare = (system: Parameters<typeof warmUp>[0]): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'workers', { rounds, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, redis);
    try {
      const connecting = await ofTheBusiest(system.pid, () => crowd.grow(sockets));
      const delivering = await ofTheBusiest(system.pid, () =>
        crowd.observe(events * sockets, () => publishSteadily(redis, { events, perSecond })),
      );
      return {
        'workers.connect': (connecting * 1000) / sockets,
        'workers.delivery': (delivering * 1000) / (events * sockets),
      };
    } finally {
      await crowd.leave();
    }
  });
}

/** The CPU time that the busiest process needs for something, in milliseconds. */
async function ofTheBusiest(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuOfEach(pid);
  await work();
  return Math.max(...[...cpuOfEach(pid)].map(([each, cpuMs]) => cpuMs - (before.get(each) ?? 0)));
}
