import { alternate, type Bench } from '../bench.ts';
import { cpuPerDelivery, gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

type Figures = Record<string, number>;

/** The same number of deliveries to the same number of sockets, over more and more units: the cost of a further audience. */
export async function measureAudiences(bench: Bench): Promise<void> {
  const { audiences } = bench.plan;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'audiences', { ...audiences, prepare }, async (system) => {
    const figures: Figures = {};
    for (const units of audiences.units) Object.assign(figures, await measureUnits(bench, system, units));
    return figures;
  });
}

async function measureUnits({ plan, redis }: Bench, system: System, units: number): Promise<Figures> {
  const { deliveries, deliveriesPerSecond } = plan.audiences;
  const perEvent = plan.sockets / units;
  const crowd = await gatherCrowd(system, redis, { units });
  try {
    await crowd.grow(plan.sockets);
    const seen = await crowd.observe(deliveries, () =>
      publishSteadily(redis, {
        units,
        events: deliveries / perEvent,
        perSecond: deliveriesPerSecond / perEvent,
      }),
    );
    return {
      [`units.${units}.cpu`]: cpuPerDelivery(seen),
      [`units.${units}.missing`]: deliveries - seen.deliveries,
    };
  } finally {
    await crowd.leave();
  }
}
