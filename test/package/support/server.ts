import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { useClient } from '../../support/clients.ts';
import { messages } from '../../support/events.ts';
import { useCommand } from '../../support/process.ts';
import { useRedis } from '../../support/redis.ts';
import { people, SECRET } from '../../support/tokens.ts';
import type { Packed } from './pack.ts';

const run = promisify(execFile);
/** All that is published beside `dist/`: what the server reads, and the pages for operators and publishers. */
const PUBLISHED =
  /^(dist|contract|docs)\/|^(schema\.graphql|package\.json|LICENSE|(README|CHANGELOG|PROTOCOL|SECURITY)\.md)$/;

/** The tests of the server, installed in a folder. Its packages are `node_modules` there, and nothing of this repository. */
export function testServerPackage(installed: { readonly folder: string; readonly packed: Packed }): void {
  test('the server is published as it was built, with its schema, contract and pages, and no tests or sources', () => {
    const own = installed.packed.paths.filter((path) => !path.startsWith('node_modules/'));
    expect(own.filter((path) => !PUBLISHED.test(path))).toEqual([]);
    const inDist = own.filter((path) => path.startsWith('dist/'));
    expect(
      inDist.filter((path) => !/^dist\/[\w/-]+\.(js|d\.ts)$/.test(path) || /\/(test|bench)\//.test(path)),
    ).toEqual([]);
    for (const path of ['dist/cli/main.js', 'dist/index.d.ts', 'schema.graphql', 'contract/append-event.lua'])
      expect(own).toContain(path);
  });

  test('npx dms-live checks settings from a file', async () => {
    const { folder } = installed;
    await writeFile(join(folder, 'dms-live.env'), `REDIS_URL=redis://127.0.0.1\nJWT_SECRET=${SECRET}\n`);
    const { stdout } = await run('npx', ['--no-install', 'dms-live', 'check', '--env-file', 'dms-live.env'], {
      cwd: folder,
    });
    expect(stdout).toContain('no fault');
  });

  test('dms-live serve delivers an event of a real Redis to a stock client, and stops on SIGTERM', async () => {
    const redis = await useRedis();
    const server = useCommand(join(installed.folder, 'node_modules/.bin/dms-live'), ['serve'], {
      REDIS_URL: redis.url,
      JWT_SECRET: SECRET,
      PORT: '0',
      NODE_ENV: 'production',
    });
    const [, url = ''] = await server.says(/"url":"(http[^"]+)"/);
    const operation = useClient({ url }, await people.head()).run(
      'subscription { requestUpdated { request { id } } }',
    );
    await redis.untilSubscribed('dms:request:unit:5');
    await redis.client.publish('dms:request:unit:5', JSON.stringify(messages.request({ id: 1 })));
    expect((await operation.data())['requestUpdated'].request.id).toBe('1');
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  });
}
