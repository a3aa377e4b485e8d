import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { median } from '../support/statistics.ts';
import { startSystem } from '../systems.ts';

const MEGABYTE = 1024 * 1024;
const SETTLE_MS = 500;

/** Crowds connect, subscribe, receive and leave, over and over. A server that leaks grows. */
export async function measureChurn(bench: Bench): Promise<void> {
  const { plan, redis, samples, profileFolder } = bench;
  const { minutes, sockets } = plan.churn;
  if (minutes === 0 || !bench.systems.includes('ours')) return;
  const system = await startSystem('ours', { redisUrl: redis.url, profileFolder });
  const resident: number[] = [];
  try {
    const until = performance.now() + minutes * 60_000;
    while (performance.now() < until) {
      bench.progress(`churn: crowd ${resident.length + 1}`);
      const crowd = await gatherCrowd(system, redis);
      await crowd.grow(sockets);
      await crowd.leave();
      await pause(SETTLE_MS);
      resident.push(system.usage.residentBytes() / MEGABYTE);
    }
    const tenth = Math.ceil(resident.length / 10);
    samples.add('ours', {
      'churn.sockets': resident.length * sockets,
      'churn.early': median(resident.slice(tenth, 3 * tenth)), // the first tenth is still warm-up
      'churn.late': median(resident.slice(-2 * tenth)),
    });
  } finally {
    await system.stop();
  }
}
