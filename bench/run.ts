/**
 * `npm run bench` compares this server with the stock stack and with bare `ws`. Options, after `--`:
 *
 *     --quick             a shorter run, with fewer rounds and without the most expensive measurements
 *     --write             writes bench/RESULTS.md
 *     --only a,b          only these scenarios (their names are below)
 *     --systems a,b       only these systems: ours, compressed, workers, bare, centrifugo, stock
 *     --churn MINUTES     connects and closes sockets for this time, and watches our server's memory (scenario churn)
 *     --profile FOLDER    the servers write CPU profiles, which slows them down
 *
 * Centrifugo (6) takes part where `CENTRIFUGO` is the path of its binary.
 */
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { describeGoals, listGoals } from './goals.ts';
import { describeMachine } from './machine.ts';
import { PLANS, type Plan } from './plan.ts';
import { writeResults } from './results.ts';
import { createSamples } from './samples.ts';
import { measureAudiences } from './scenarios/audiences.ts';
import { measureBurst } from './scenarios/burst.ts';
import { measureChurn } from './scenarios/churn.ts';
import { measureConnect } from './scenarios/connect.ts';
import { measureCrowds } from './scenarios/crowds.ts';
import { measureMemory } from './scenarios/memory.ts';
import { measureReplay } from './scenarios/replay.ts';
import { measureSlowClients } from './scenarios/slow-clients.ts';
import { measureSteady } from './scenarios/steady.ts';
import { measureWorkers } from './scenarios/workers.ts';
import { endProgramsOnExit } from './support/processes.ts';
import { startRedis } from './support/redis.ts';
import { CENTRIFUGO, SYSTEM_NAMES } from './systems.ts';
import { describeSamples } from './tables.ts';

const SCENARIOS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  connect: measureConnect,
  workers: measureWorkers,
  steady: measureSteady,
  burst: measureBurst,
  audiences: measureAudiences,
  crowds: measureCrowds,
  memory: measureMemory,
  slow: measureSlowClients,
  replay: measureReplay,
  churn: measureChurn,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    systems: { type: 'string' },
    churn: { type: 'string', default: '0' },
    profile: { type: 'string' },
  },
});

endProgramsOnExit();
const startedAt = performance.now();
const chosen = options.quick ? PLANS.quick : PLANS.full;
const plan: Plan = { ...chosen, churn: { ...chosen.churn, minutes: Number(options.churn) } };
const redis = await startRedis();
const samples = createSamples();
const bench: Bench = {
  plan,
  redis,
  samples,
  systems: SYSTEM_NAMES.filter(
    (name) =>
      (name !== 'centrifugo' || CENTRIFUGO !== undefined) &&
      (options.systems?.split(',').includes(name) ?? true),
  ),
  profileFolder: options.profile,
  progress(text) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`);
  },
};
if (CENTRIFUGO === undefined) bench.progress('Centrifugo is left out: CENTRIFUGO names no binary');
for (const [name, measure] of Object.entries(SCENARIOS)) {
  if (options.only?.split(',').includes(name) ?? true) await measure(bench);
}
const results = {
  machine: await describeMachine(redis),
  goals: describeGoals(listGoals(samples, plan)),
  tables: describeSamples(samples, plan),
};
await redis.stop();
process.stdout.write(`\n${results.machine}\n\n${results.tables}\n${results.goals}\n`);
if (options.write) writeResults(results);
