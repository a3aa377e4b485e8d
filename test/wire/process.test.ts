import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { DIST, useProgram } from '../support/process.ts';
import { useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';

const REQUESTS = 'subscription { requestUpdated { request { id } } }';

test('the programs import no package: all but GraphiQL’s page is in their own files, so that they start soon', async () => {
  const chunks = (await readdir(join(DIST, 'chunks'))).map((name) => `chunks/${name}`);
  const texts = await Promise.all(
    ['main.js', 'cli/main.js', 'workers/worker.js', ...chunks].map((name) =>
      readFile(join(DIST, name), 'utf8'),
    ),
  );
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, name]) => name),
  );
  expect(imported.length).toBeGreaterThan(20);
  expect(imported.filter((name) => !isBuiltin(name ?? '') && !name?.startsWith('.'))).toEqual([]);
});

test('it refuses to start without a key and Redis, and names all faults at once', async () => {
  const server = useProgram('main.js', { PORT: 'many', CORS_ORIGINS: 'dms.example.org' });
  expect(await server.exited).toBe(1);
  for (const setting of ['PORT', 'REDIS_URL', 'JWT_SECRET', 'CORS_ORIGINS'])
    expect(server.output).toContain(setting);
});

test('SIGTERM stops it: sockets close with 1012, streams break off, and the process exits with 0', async () => {
  const redis = await useRedis();
  const server = useProgram('main.js', {
    REDIS_URL: redis.url,
    JWT_SECRET: SECRET,
    PORT: '0',
    SHUTDOWN_SECONDS: '5',
  });
  const [, url = ''] = await server.says(/"url":"(http[^"]+)"/);
  const token = await people.head();
  const operation = useClient({ url }, token).run(REQUESTS);
  const stream = await useStream({ url }, REQUESTS, token);
  await redis.untilSubscribed('dms:request:unit:5');
  await redis.client.publish('dms:request:unit:5', JSON.stringify(messages.request({ id: 1 })));
  expect((await operation.data())['requestUpdated'].request.id).toBe('1');
  expect((await stream.next())?.event).toBe('next');

  server.child.kill('SIGTERM');

  expect(await operation.next()).toMatchObject({ closed: { code: 1012 } });
  expect(await stream.next()).toBeUndefined(); // ended, but not completed: the client reconnects
  expect(await server.exited).toBe(0);
  expect(server.output).not.toContain(token);
});

test('a port that is taken ends it with a clear log line', async () => {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET };
  const server = useProgram('main.js', { ...settings, PORT: `${redis.port}` });
  expect(await server.exited).toBe(1);
  expect(server.output).toContain('EADDRINUSE');
});
