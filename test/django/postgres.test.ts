import { expect, test } from 'vitest';
import { preparePython, run } from '../../demo/server/src/django/python.ts';
import { usePostgres } from './support/postgres.ts';
import { findPostgres } from './support/postgres-programs.ts';
import { expectAllDelivered, useWork } from './support/work.ts';
import { useWorld } from './support/world.ts';

const programs = findPostgres();

test.runIf(programs)(
  'PostgreSQL, where transactions commit in parallel: Redis, Django and the relay are killed in turn under load',
  async () => {
    const world = await useWorld({ databaseUrl: await usePostgres(programs ?? '') });
    let relay = await world.dms.relay();
    const { listeners, busy } = await useWork(world);
    await busy.untilDone(20);
    await world.redis.kill();
    await busy.untilDone(20);
    await world.redis.start();
    await busy.untilDone(20);
    await world.django.kill();
    await world.dms.serve();
    await busy.untilDone(20);
    await relay.kill();
    await busy.untilDone(20);
    relay = await world.dms.relay();
    await busy.untilDone(20);
    await busy.stop();
    await expectAllDelivered(world, listeners, 'of each crate');
  },
  300_000,
);

/** The tests of what depends on the database: transactions, locks, order and SQL of our own. All run there by `DATABASE_URL=…`. */
const OF_THE_DATABASE = [
  'changes',
  'changes_of_places',
  'deletions',
  'delivery',
  'relay',
  'triggers',
  'verify',
  'versions',
];

test.runIf(programs)(
  'the Python tests of what depends on the database pass on PostgreSQL too',
  async () => {
    const python = await preparePython();
    // The others name their databases themselves, PostgreSQL among them: test/django/python.test.ts runs them.
    const files = OF_THE_DATABASE.map((name) => `tests/test_${name}.py`);
    const args = ['-m', 'pytest', '--quiet', '-m', 'not own_database', ...files];
    const { code, output, errors } = await run(python, args, {
      env: { ...process.env, DATABASE_URL: await usePostgres(programs ?? '') },
    });
    const said = `${output}${errors}`.trim();
    process.stdout.write(`on PostgreSQL: ${said.split('\n').at(-1)}\n`);
    expect(code, said).toBe(0);
  },
  600_000,
);
