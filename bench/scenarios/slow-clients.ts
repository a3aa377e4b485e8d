import { setTimeout as pause } from 'node:timers/promises';
import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { publishAtOnce } from '../publish.ts';
import type { ProcessUsage } from '../support/usage.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

const BETWEEN_BURSTS_MS = 250;
const SETTLE_MS = 1500;
const MEGABYTE = 1024 * 1024;

/** Some clients stop reading while bursts of large events go on: what the others, and the server's memory, feel of it. */
export async function measureSlowClients(bench: Bench): Promise<void> {
  const { sockets, slowClients } = bench.plan;
  const { bursts, eventsPerBurst, padding } = slowClients;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'slow clients', { ...slowClients, isFresh: true, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, bench.redis);
    try {
      await crowd.grow(sockets);
      const stream = async (): Promise<void> => {
        for (let burst = 0; burst < bursts; burst += 1) {
          await publishAtOnce(bench.redis, { events: eventsPerBurst, padding });
          await pause(BETWEEN_BURSTS_MS);
        }
      };
      const events = bursts * eventsPerBurst;
      const undisturbed = await crowd.observe(events * crowd.size, stream);
      await crowd.stall(slowClients.slow);
      const memory = watchMemory(system.usage);
      const seen = await crowd.observe(events * crowd.size, stream);
      await pause(SETTLE_MS);
      const { before, peak, after } = memory.stop();
      return {
        'slow.p99.before': undisturbed.latency.p99,
        'slow.p99': seen.latency.p99,
        'slow.peak': (peak - before) / MEGABYTE,
        'slow.after': (after - before) / MEGABYTE,
        'slow.missing': events * crowd.size - seen.deliveries,
      };
    } finally {
      await crowd.leave();
    }
  });
}

function watchMemory(usage: ProcessUsage) {
  const before = usage.residentBytes();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, usage.residentBytes());
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      const after = usage.residentBytes();
      return { before, peak: Math.max(peak, after), after };
    },
  };
}
