import type { Bench } from '../bench.ts';
import { type Crowd, cpuPerDelivery, gatherCrowd } from '../crowd.ts';
import { publishSteadily } from '../publish.ts';
import { type System, startSystem } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** One system with its crowd, which follows its own unit. */
interface Side {
  readonly system: System;
  readonly crowd: Crowd;
  readonly firstUnit: number;
}

/**
 * Steady events to the sockets of one topic. All systems keep their crowds, and take turns every few seconds. A disturbance of
 * the machine affects neighbouring slices alike, so the ratio is reliable even if the figures are not.
 */
export async function measureSteady(bench: Bench): Promise<void> {
  const { plan, samples } = bench;
  const sides: Side[] = [];
  try {
    for (const name of bench.systems) {
      if (name === 'workers') continue; // they have a scenario of their own
      bench.progress(`steady: ${name} gathers its crowd`);
      sides.push(await gatherSide(bench, name, sides.length + 1));
    }
    for (let slice = 0; slice < plan.steady.slices; slice += 1) {
      bench.progress(`steady: slice ${slice + 1}`);
      for (const side of sides) samples.add(side.system.name, await measureSlice(bench, side));
    }
  } finally {
    await Promise.all(sides.map(({ crowd }) => crowd.leave()));
    await Promise.all(sides.map(({ system }) => system.stop()));
  }
}

async function gatherSide(bench: Bench, name: System['name'], firstUnit: number): Promise<Side> {
  const { plan, redis, profileFolder } = bench;
  const system = await startSystem(name, { redisUrl: redis.url, profileFolder });
  await warmUp(system, bench);
  const crowd = await gatherCrowd(system, redis, { firstUnit });
  await crowd.grow(plan.sockets);
  return { system, crowd, firstUnit };
}

async function measureSlice({ plan, redis }: Bench, { crowd, firstUnit }: Side) {
  const { eventsPerSecond, secondsPerSlice } = plan.steady;
  const events = eventsPerSecond * secondsPerSlice;
  const seen = await crowd.observe(events * crowd.size, () =>
    publishSteadily(redis, { events, firstUnit, perSecond: eventsPerSecond }),
  );
  return {
    'steady.cpu': cpuPerDelivery(seen),
    'steady.p50': seen.latency.p50,
    'steady.p99': seen.latency.p99,
    'steady.bytes': seen.bytes / seen.deliveries,
    'steady.missing': events * crowd.size - seen.deliveries,
  };
}
