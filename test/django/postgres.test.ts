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

test.runIf(programs)(
  'the Python tests pass on PostgreSQL too',
  async () => {
    const python = await preparePython();
    // The others name their databases themselves, PostgreSQL among them: test/django/python.test.ts runs them.
    const args = ['-m', 'pytest', '--quiet', '-m', 'not own_database'];
    const { code, output, errors } = await run(python, args, {
      env: { ...process.env, DATABASE_URL: await usePostgres(programs ?? '') },
    });
    const said = `${output}${errors}`.trim();
    process.stdout.write(`on PostgreSQL: ${said.split('\n').at(-1)}\n`);
    expect(code, said).toBe(0);
  },
  600_000,
);
