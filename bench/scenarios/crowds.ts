import { alternate, type Bench } from '../bench.ts';
import { cpuPerDelivery, gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** More and more sockets on one topic: the cost of an event, and the extra cost of each socket. */
export async function measureCrowds(bench: Bench): Promise<void> {
  const { crowds } = bench.plan;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'growing crowd', { ...crowds, prepare }, async (system) => {
    const figures: Record<string, number> = {};
    const crowd = await gatherCrowd(system, bench.redis);
    try {
      for (const { sockets, events, perSecond } of crowds.sizes) {
        await crowd.grow(sockets - crowd.size);
        const seen = await crowd.observe(events * sockets, () =>
          publishSteadily(bench.redis, { events, perSecond }),
        );
        figures[`crowd.${sockets}.cpu`] = cpuPerDelivery(seen);
        figures[`crowd.${sockets}.event`] = seen.cpuMs / events;
        figures[`crowd.${sockets}.p99`] = seen.latency.p99;
        figures[`crowd.${sockets}.missing`] = events * sockets - seen.deliveries;
      }
      return figures;
    } finally {
      await crowd.leave();
    }
  });
}
