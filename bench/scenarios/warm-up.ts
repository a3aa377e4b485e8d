import type { Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import type { System } from '../systems.ts';

/**
 * Code is compiled when it runs for the first time, and a server that has run for a minute has done that. So this sends many
 * events to one socket for the code that runs per event, and connects many sockets for the code that runs per socket.
 */
export async function warmUp(system: System, { plan, redis }: Bench): Promise<void> {
  const crowd = await gatherCrowd(system, redis);
  await crowd.grow(1);
  await crowd.observe(2000, () => publishSteadily(redis, { events: 2000, perSecond: 1500 }));
  await crowd.grow(plan.sockets - 1);
  await crowd.observe(plan.sockets * 20, () => publishSteadily(redis, { events: 20, perSecond: 10 }));
  await crowd.leave();
}
