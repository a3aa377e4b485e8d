import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { startProgram } from '../support/processes.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** Sockets connect, sign in and subscribe, as after a restart. */
export async function measureConnect(bench: Bench): Promise<void> {
  const { plan, redis } = bench;
  const prepare = (system: System): Promise<void> => warmUp(system, bench);
  await alternate(bench, 'connect', { ...plan.connect, prepare }, async (system) => {
    const crowd = await gatherCrowd(system, redis);
    try {
      const { cpuMs } = await crowd.grow(plan.sockets);
      return {
        'connect.cpu': (cpuMs * 1000) / plan.sockets,
        ...(system.name === 'ours' && { verification: await measureVerification() }),
      };
    } finally {
      await crowd.leave();
    }
  });
}

/** The cost of one HS256 verification, in microseconds of CPU. */
async function measureVerification(): Promise<number> {
  const program = startProgram(process.execPath, ['dist/bench/verification.js'], { NODE_ENV: 'production' });
  return Number(await program.says(/([\d.]+) microseconds/));
}
