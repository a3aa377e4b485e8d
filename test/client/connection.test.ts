/** The React package's connection: one, lazy, that comes back by itself and goes on where it was. */
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { numbers } from '../support/buses.ts';
import { until } from '../support/redis.ts';
import { publish, publishAll } from '../support/resuming.ts';
import { follow, followed, inPhase, useLive } from './support/live.ts';

describe.each(['websocket', 'sse'] as const)('by %s', (transport) => {
  test('connects when something is followed, and closes when nothing is', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    expect(client.status.phase).toBe('idle');
    const following = await followed(client);
    expect(client.status).toMatchObject({ phase: 'live', transport });
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    following.stop();
    await inPhase(client, 'idle');
    await until(() => app.stats().connections === 0 && app.stats().sessions === 0);
  });

  test('tells events once, in order, across a cut', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const following = await followed(client);
    await publishAll(app, numbers(1, 3));
    expect(await following.take(3)).toEqual(['event 1', 'event 2', 'event 3']);
    client.disconnect();
    expect(client.status).toMatchObject({ phase: 'offline', reason: 'disconnected' });
    await publishAll(app, numbers(4, 6));
    client.reconnect();
    expect((await following.take(4)).toSorted()).toEqual(['event 4', 'event 5', 'event 6', 'resumed']);
    await publish(app, '7');
    expect(await following.next()).toBe('event 7');
  });
});
