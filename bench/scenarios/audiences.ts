import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import { cpuPerDelivery } from './fan-out.ts';

/** The same deliveries to as many sockets, over ever more units: what an audience more costs. */
export async function measureAudiences(bench: Bench): Promise<void> {
  const { sockets, audiences } = bench.plan;
  for (const units of audiences.units) {
    await alternate(bench, `${units} units`, audiences, async (system) => {
      const crowd = await gatherCrowd(system, bench.redis, units);
      try {
        await crowd.grow(sockets);
        const { deliveries } = audiences;
        const perEvent = sockets / units;
        const seen = await crowd.observe(deliveries, () =>
          publishSteadily(bench.redis, {
            units,
            events: deliveries / perEvent,
            perSecond: audiences.deliveriesPerSecond / perEvent,
          }),
        );
        return {
          [`units.${units}.cpu`]: cpuPerDelivery(seen),
          [`units.${units}.p99`]: seen.latency.p99,
          [`units.${units}.missing`]: deliveries - seen.deliveries,
        };
      } finally {
        await crowd.leave();
      }
    });
  }
}
