import { setTimeout as pause } from 'node:timers/promises';
import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd, type Observation } from '../crowd.ts';
import { publishAtOnce } from '../publish.ts';
import type { ProcessUsage } from '../support/usage.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

const BETWEEN_BURSTS_MS = 300;
const MEGABYTE = 1024 * 1024;

/**
 * Some clients stop reading during bursts of large events. Measures the effect on the others, and on the server's memory. The
 * kernel buffers some 4 MB for each of these clients before the server notices anything.
 */
export async function measureSlowClients(bench: Bench): Promise<void> {
  const { sockets, slowClients } = bench.plan;
  const { bursts, eventsPerBurst, padding } = slowClients;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'slow clients', { ...slowClients, isFresh: true, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, bench.redis);
    const watch = async (times: number): Promise<Observation & { peak: number; missing: number }> => {
      const expected = times * eventsPerBurst * crowd.size;
      const memory = watchMemory(system.usage);
      const seen = await crowd.observe(expected, async () => {
        for (let burst = 0; burst < times; burst += 1) {
          await publishAtOnce(bench.redis, { events: eventsPerBurst, padding });
          await pause(BETWEEN_BURSTS_MS);
        }
      });
      return { ...seen, peak: memory.stop() / MEGABYTE, missing: expected - seen.deliveries };
    };
    try {
      await crowd.grow(sockets);
      const undisturbed = await watch(Math.ceil(bursts / 3));
      await crowd.stall(slowClients.slow);
      const disturbed = await watch(bursts);
      return {
        'slow.p99.before': undisturbed.latency.p99,
        'slow.p99': disturbed.latency.p99,
        'slow.peak.before': undisturbed.peak,
        'slow.peak': disturbed.peak,
        'slow.missing': disturbed.missing,
      };
    } finally {
      await crowd.leave();
    }
  });
}

/** When stopped, returns the peak of resident memory. */
function watchMemory(usage: ProcessUsage): { stop(): number } {
  let peak = usage.residentBytes();
  const timer = setInterval(() => {
    peak = Math.max(peak, usage.residentBytes());
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, usage.residentBytes());
    },
  };
}
