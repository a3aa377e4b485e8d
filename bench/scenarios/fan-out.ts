import type { Bench } from '../bench.ts';
import { alternate } from '../bench.ts';
import { type Crowd, gatherCrowd, type Observation } from '../crowd.ts';
import { publishAtOnce, publishSteadily } from '../publish.ts';
import { monotonicMs } from '../support/clock.ts';
import { startProgram } from '../support/processes.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** The sockets of one topic: how they connect, how steady events reach them, and how a burst does. */
export async function measureFanOut(bench: Bench): Promise<void> {
  const { plan, redis } = bench;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'connect, steady, burst', { ...plan.fanOut, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, redis);
    try {
      const { cpuMs } = await crowd.grow(plan.sockets);
      return {
        'connect.cpu': (cpuMs * 1000) / plan.sockets,
        ...(await steady(crowd, bench)),
        ...(await burst(crowd, bench)),
        ...(system.name === 'ours' && { verification: await measureVerification() }),
      };
    } finally {
      await crowd.leave();
    }
  });
}

async function steady(crowd: Crowd, { plan, redis }: Bench): Promise<Record<string, number>> {
  const { eventsPerSecond, seconds } = plan.fanOut;
  const events = eventsPerSecond * seconds;
  const seen = await crowd.observe(events * crowd.size, () =>
    publishSteadily(redis, { events, perSecond: eventsPerSecond }),
  );
  return {
    'steady.cpu': cpuPerDelivery(seen),
    'steady.p50': seen.latency.p50,
    'steady.p99': seen.latency.p99,
    'steady.bytes': seen.bytes / seen.deliveries,
    'steady.missing': events * crowd.size - seen.deliveries,
  };
}

async function burst(crowd: Crowd, { plan, redis }: Bench): Promise<Record<string, number>> {
  const events = plan.fanOut.burst;
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
}

/** In microseconds. */
export function cpuPerDelivery({ cpuMs, deliveries }: Observation): number {
  return (cpuMs * 1000) / deliveries;
}

/** One HS256 verification, in microseconds of CPU. */
async function measureVerification(): Promise<number> {
  const program = startProgram(process.execPath, ['dist/bench/verification.js'], { NODE_ENV: 'production' });
  return Number(await program.says(/([\d.]+) microseconds/));
}
