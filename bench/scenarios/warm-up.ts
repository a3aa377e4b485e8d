import type { Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import type { System } from '../systems.ts';

const EVENTS = 20;

/** What runs for the first time is compiled for the first time, and no server that has run for a minute does so any more. */
export async function warmUp(system: System, { plan, redis }: Bench): Promise<void> {
  const crowd = await gatherCrowd(system, redis);
  await crowd.grow(plan.sockets);
  await crowd.observe(plan.sockets * EVENTS, () => publishSteadily(redis, { events: EVENTS, perSecond: 10 }));
  await crowd.leave();
}
