import { expect, onTestFinished } from 'vitest';
import type { Child } from '../../../demo/server/src/django/child.ts';
import type { App } from '../../../src/app.ts';
import { type RedisProcess, useRedisProcess } from '../../faults/support/redis-process.ts';
import { useApp } from '../../support/app.ts';
import { DOMAIN } from '../../support/domain.ts';
import { SECRET } from '../../support/tokens.ts';
import { type DmsOptions, type TestDms, useDms } from './dms.ts';

/** A Redis that keeps what it is told, a DMS and a server between them. */
export interface World {
  readonly redis: RedisProcess;
  readonly dms: TestDms;
  /** The process that serves the DMS's API. */
  readonly django: Child;
  readonly app: App;
}

/** Starts all three; the DMS serves. */
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

/** What else is said under the prefix: that sessions end, and a server's messages to itself. */
const NOT_TOPICS: ReadonlySet<string> = new Set(['session', 'probe']);

/** Fails the running test at its end if anything was published that is not as the contract has it. */
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
