import { expect, onTestFinished } from 'vitest';
import type { Child } from '../../../demo/server/src/django/child.ts';
import type { App } from '../../../src/app.ts';
import { type RedisProcess, useRedisProcess } from '../../faults/support/redis-process.ts';
import { useApp } from '../../support/app.ts';
import { DOMAIN } from '../../support/domain.ts';
import { SECRET } from '../../support/tokens.ts';
import { type DmsOptions, type TestDms, useDms } from './dms.ts';

/** A Redis that keeps its data, a DMS that publishes to it, and a server. */
export interface World {
  readonly redis: RedisProcess;
  readonly dms: TestDms;
  /** The process that serves the DMS's API. */
  readonly django: Child;
  readonly app: App;
}

/** Starts all three. The DMS already serves its API. */
export async function useWorld(options: DmsOptions = {}): Promise<World> {
  const redis = await useRedisProcess();
  const [dms, app] = await Promise.all([
    useDms(redis.url, options),
    useApp({ REDIS_URL: redis.url, JWT_SECRET: SECRET }),
  ]);
  const django = await dms.serve();
  await watchContract(redis);
  return { redis, dms, django, app };
}

/** Other channels under the prefix: ended sessions, and a server's messages to itself. */
const NOT_TOPICS: ReadonlySet<string> = new Set(['session', 'probe']);

/** Fails the running test at its end if any published message broke the contract. */
async function watchContract(redis: RedisProcess): Promise<void> {
  const listener = redis.client.duplicate();
  listener.on('error', () => undefined); // while it is killed
  const faults: string[] = [];
  listener.on('pmessage', (_pattern: string, channel: string, message: string) => {
    const kind = channel.split(':')[1] ?? '';
    if (NOT_TOPICS.has(kind)) return;
    const event: unknown = JSON.parse(
      message.startsWith('@') ? message.slice(message.indexOf('\n')) : message,
    );
    const known = DOMAIN.kinds.get(kind);
    if (known === undefined) faults.push(`${channel}: no such topic`);
    else {
      const { error } = known.validator.safeParse(event);
      if (error !== undefined) faults.push(`${channel}: ${error.message}`);
    }
  });
  await listener.psubscribe('dms:*');
  onTestFinished(() => {
    listener.disconnect();
    expect(faults).toEqual([]);
  });
}
