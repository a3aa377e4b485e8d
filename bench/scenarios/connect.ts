import { alternate, type Bench } from '../bench.ts';
import { gatherCrowd } from '../crowd.ts';
import { startProgram } from '../support/processes.ts';
import type { System } from '../systems.ts';
import { warmUp } from './warm-up.ts';

/** Sockets connect, sign in and subscribe. */
export async function measureConnect(bench: Bench): Promise<void> {
  await measureFresh(bench);
  await measureStorm(bench);
}

/** One after another, on a process that has just started: code that has never run costs more. */
async function measureFresh(bench: Bench): Promise<void> {
  const { plan, redis } = bench;
  const { sockets } = plan;
  await alternate(bench, 'connect, fresh', { ...plan.freshConnect, isFresh: true }, async (system) => {
    const crowd = await gatherCrowd(system, redis);
    const cost = async (): Promise<number> =>
      ((await crowd.grow(sockets, { atOnce: 1 })).cpuMs * 1000) / sockets;
    try {
      const first = await cost();
      await crowd.grow(3 * sockets);
      return { 'connect.first': first, 'connect.fifth': await cost() };
    } finally {
      await crowd.leave();
    }
  });
}

/** Many at once, as after a restart elsewhere, on a process that has served others. */
async function measureStorm(bench: Bench): Promise<void> {
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
