import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { PLANS } from './plan.ts';
import { createSamples } from './samples.ts';
import { measureAudiences } from './scenarios/audiences.ts';
import { measureCrowds } from './scenarios/crowds.ts';
import { measureFanOut } from './scenarios/fan-out.ts';
import { measureMemory } from './scenarios/memory.ts';
import { measureSlowClients } from './scenarios/slow-clients.ts';
import { endProgramsOnExit } from './support/processes.ts';
import { startRedis } from './support/redis.ts';

const SCENARIOS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  'fan-out': measureFanOut,
  audiences: measureAudiences,
  crowds: measureCrowds,
  memory: measureMemory,
  slow: measureSlowClients,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});

endProgramsOnExit();
const startedAt = Date.now();
const redis = await startRedis();
const samples = createSamples();
const bench: Bench = {
  plan: options.quick ? PLANS.quick : PLANS.full,
  redis,
  samples,
  profileFolder: options.profile,
  progress: (text) =>
    void process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}\n`),
};
const chosen = options.only?.split(',') ?? Object.keys(SCENARIOS);
for (const name of chosen) await SCENARIOS[name]?.(bench);
await redis.stop();
process.stdout.write(JSON.stringify(samples.dump(), null, 1));
