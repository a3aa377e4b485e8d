import { setTimeout as pause } from 'node:timers/promises';
import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';

/** The time that a server gets to settle, in milliseconds. */
const SETTLE_MS = 1500;

/** The resident memory that each further subscribed socket needs. */
export async function measureMemory(bench: Bench): Promise<void> {
  const { memory } = bench.plan;
  await alternate(bench, 'memory', { ...memory, isFresh: true }, async ({ usage, ...system }) => {
    const crowd = await gatherCrowd({ usage, ...system }, bench.redis);
    try {
      const empty = usage.residentBytes();
      await crowd.grow(memory.from);
      await pause(SETTLE_MS);
      const few = usage.residentBytes();
      await crowd.grow(memory.to - memory.from);
      await pause(SETTLE_MS);
      const many = usage.residentBytes();
      return {
        'memory.socket': (many - few) / (memory.to - memory.from) / 1024,
        'memory.first': (few - empty) / memory.from / 1024,
        'memory.empty': empty / 1024 / 1024,
      };
    } finally {
      await crowd.leave();
    }
  });
}
