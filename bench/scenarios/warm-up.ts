import type { Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import type { System } from '../systems.ts';

/**
 * What runs for the first time is compiled for the first time, and no server that has run for a minute does so any more: many
 * events to one socket for what is done for each event, many sockets for what is done for each of them.
 */
export async function warmUp(system: System, { plan, redis }: Bench): Promise<void> {
  const crowd = await gatherCrowd(system, redis);
  await crowd.grow(1);
  await crowd.observe(2000, () => publishSteadily(redis, { events: 2000, perSecond: 1500 }));
  await crowd.grow(plan.sockets - 1);
  await crowd.observe(plan.sockets * 20, () => publishSteadily(redis, { events: 20, perSecond: 10 }));
  await crowd.leave();
}
