import { alternate, type Bench } from '../bench.ts';
import { cpuPerDelivery, gatherCrowd } from '../crowd.ts';
import { publishAtOnce } from '../publish.ts';
import { monotonicMs } from '../support/clock.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** Many events at once to the sockets of one topic. */
export async function measureBurst(bench: Bench): Promise<void> {
  const { plan, redis } = bench;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'burst', { ...plan.burst, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, redis);
    try {
      await crowd.grow(plan.sockets);
      const { events } = plan.burst;
      let startedAt = 0;
      const seen = await crowd.observe(events * crowd.size, () => {
        startedAt = monotonicMs();
        return publishAtOnce(redis, { events });
      });
      return {
        'burst.seconds': (seen.lastAtMs - startedAt) / 1000,
        'burst.cpu': cpuPerDelivery(seen),
        'burst.p50': seen.latency.p50,
        'burst.p99': seen.latency.p99,
        'burst.pong': seen.slowestPongMs,
        'burst.closed': seen.closed,
        'burst.missing': events * crowd.size - seen.deliveries,
      };
    } finally {
      await crowd.leave();
    }
  });
}
