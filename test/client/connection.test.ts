/**
 * The React package's connection: a single lazy one that reconnects and resumes by itself. The tests run in Node, against the
 * real server.
 */
import { describe, expect, test } from 'vitest';
import { AuditLoggedDocument, DashboardKpisDocument } from '../../client/src/index.ts';
import type { App } from '../../src/app.ts';
import { useProxy } from '../faults/support/proxy.ts';
import { useApp } from '../support/app.ts';
import { numbers } from '../support/buses.ts';
import { messages } from '../support/events.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { publish, publishAll } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';
import { follow, followAny, followed, inPhase, phasesOf, useLive } from './support/live.ts';

const isEmpty = (app: App) => (): boolean => {
  const { connections, sessions, subscriptions } = app.stats();
  return connections === 0 && sessions === 0 && subscriptions === 0;
};

describe.each(['websocket', 'sse'] as const)('over %s', (transport) => {
  test('connects with the first follower, and closes after the last', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    expect(client.status.phase).toBe('idle');
    const following = await followed(client);
    expect(client.status).toMatchObject({ phase: 'live', transport });
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    following.stop();
    await inPhase(client, 'idle');
    await until(isEmpty(app));
  });

  test('equal followers share one operation, and each gets a start', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const first = await followed(client);
    const second = await followed(client);
    const other = await followed(client, '5');
    await until(() => app.stats().subscriptions === 2 && app.stats().connections === 1);
    await publish(app, 'a');
    for (const following of [first, second, other]) expect(await following.next()).toBe('event a');
    first.stop();
    await publish(app, 'b');
    expect(await second.next()).toBe('event b');
    expect(first.pending).toBe(0);
    second.stop();
    await until(() => app.stats().subscriptions === 1);
  });

  test('a later follower of KPIs gets the newest at once', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const figures = () =>
      followAny(client, DashboardKpisDocument, {}, ({ dashboardKpis }) => dashboardKpis.id);
    const first = figures();
    expect(await first.next()).toBe('started first');
    await publish(app, 'kpis', { channel: { kind: 'kpis', unitId: '5' }, event: messages.kpis() });
    expect(await first.next()).toBe('event kpis');
    expect(await figures().take(2)).toEqual(['started first', 'event kpis']);
  });

  test('delivers events once and in order across a cut', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const following = await followed(client);
    await publishAll(app, numbers(1, 3));
    expect(await following.take(3)).toEqual(['event 1', 'event 2', 'event 3']);
    client.disconnect();
    expect(client.status).toMatchObject({ phase: 'offline', reason: 'disconnected' });
    await until(isEmpty(app));
    await publishAll(app, numbers(4, 6));
    client.reconnect();
    expect(await following.take(4)).toEqual(['resumed', 'event 4', 'event 5', 'event 6']);
    await publish(app, '7');
    expect(await following.next()).toBe('event 7');
  });

  test('an operation without events resumes too', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const following = await followed(client);
    client.disconnect();
    await publish(app, 'missed');
    client.reconnect();
    expect(await following.take(2)).toEqual(['resumed', 'event missed']);
  });

  test('a follower that was added during an outage receives the later events', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const first = await followed(client);
    client.disconnect();
    const second = await followed(client);
    const other = follow(client, '5');
    await publish(app, 'missed');
    client.reconnect();
    expect(await first.take(2)).toEqual(['resumed', 'event missed']);
    expect(await second.take(2)).toEqual(['resumed', 'event missed']);
    expect(await other.next()).toBe('started first');
    await publish(app, 'a');
    for (const following of [first, second, other]) expect(await following.next()).toBe('event a');
  });

  test('after a restart of the server the client reconnects and resumes all subscriptions', async () => {
    const redis = await useRedis();
    const settings = { REDIS_URL: redis.url, PORT: `${await freePort()}` };
    const first = await useApp(settings);
    const client = useLive(first, { transport });
    const [following, other] = [await followed(client), await followed(client, '5')];
    await publish(first, 'a');
    for (const one of [following, other]) expect(await one.next()).toBe('event a');
    await first.close();
    const second = await useApp(settings);
    await publish(second, 'b');
    for (const one of [following, other])
      expect((await one.take(2)).toSorted()).toEqual(['event b', 'resumed']);
    await publish(second, 'c');
    for (const one of [following, other]) expect(await one.next()).toBe('event c');
  });

  test('expired events are reported as lost once, and the subscription continues', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const following = await followed(client);
    client.disconnect();
    for (const id of numbers(1, 5)) await publish(app, id, { retention: { events: 2, seconds: 3600 } });
    client.reconnect();
    expect(await following.next()).toBe('started lost');
    await publish(app, 'after');
    expect(await following.next()).toBe('event after');
    client.disconnect();
    await publish(app, 'missed');
    client.reconnect();
    expect(await following.take(2)).toEqual(['resumed', 'event missed']);
  });

  test('another unit than the user’s own is refused, without effect on other subscriptions', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    const following = await followed(client);
    expect(await follow(client, '7').next()).toBe('refused FORBIDDEN');
    expect(await follow(client, '*').next()).toBe('refused BAD_USER_INPUT');
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    expect(client.status.phase).toBe('live');
  });

  test('a host that vanishes silently is noticed', async () => {
    const app = await useApp();
    const proxy = await useProxy(Number(new URL(app.url).port));
    const client = useLive(
      { url: `http://127.0.0.1:${proxy.port}` },
      { transport, heartbeatMs: 600, connectTimeoutMs: 1000 },
    );
    const following = await followed(client);
    proxy.silence();
    await publish(app, 'missed');
    expect(await following.take(2)).toEqual(['resumed', 'event missed']);
  });

  test('closing leaves nothing, and nothing can be followed after it', async () => {
    const app = await useApp();
    const client = useLive(app, { transport });
    await followed(client);
    await client.urql.query('{ viewer { id } }', {}).toPromise();
    client.close();
    expect(client.status.phase).toBe('signed-out');
    follow(client);
    client.reconnect();
    expect(client.status.phase).toBe('signed-out');
    await until(isEmpty(app));
  });
});

describe('sessions over WebSocket', () => {
  test('each connection gets a token from the app', async () => {
    const app = await useApp();
    const asked: boolean[] = [];
    const getToken = ({ isRefused }: { isRefused: boolean }): Promise<string> => {
      asked.push(isRefused);
      return people.head();
    };
    const client = useLive(app, { getToken });
    const following = await followed(client);
    client.disconnect();
    client.reconnect();
    expect(await following.next()).toBe('resumed');
    expect(asked).toEqual([false, false]);
  });

  test('a session is renewed before it ends, without a change of the status', async () => {
    const app = await useApp();
    const lives: number[] = [];
    const getToken = (): Promise<string> => {
      lives.push(lives.length);
      return signToken({ exp: Math.floor(Date.now() / 1000) + 3 });
    };
    const client = useLive(app, { getToken });
    const phases = phasesOf(client);
    const following = await followed(client);
    await until(() => lives.length >= 4); // the first and second session have ended by then
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    expect(phases).toEqual(['connecting', 'live']);
  });

  test('if the app returns the same token again, the client requests a fresh one', async () => {
    const app = await useApp();
    const old = await signToken({ exp: Math.floor(Date.now() / 1000) + 3 });
    const fresh = await people.head();
    const asked: boolean[] = [];
    const client = useLive(app, {
      getToken({ isRefused }) {
        asked.push(isRefused);
        return isRefused ? fresh : old;
      },
    });
    await followed(client);
    await until(() => asked.length === 3);
    expect(asked).toEqual([false, false, true]);
  });

  test('an expired token is replaced by a fresh one', async () => {
    const app = await useApp();
    const expired = await signToken({ exp: Math.floor(Date.now() / 1000) - 60 });
    const client = useLive(app, {
      getToken: ({ isRefused }) => (isRefused ? people.head() : expired),
    });
    await followed(client);
  });

  test('when unit or role change, the client gets a fresh token and resumes all subscriptions', async () => {
    const app = await useApp();
    const asked: boolean[] = [];
    const client = useLive(app, {
      getToken({ isRefused }) {
        asked.push(isRefused);
        return people.head();
      },
    });
    const following = await followed(client);
    await publish(app, 'a');
    await following.next();
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    await publish(app, 'b');
    expect((await following.take(2)).toSorted()).toEqual(['event b', 'resumed']);
    expect(asked).toEqual([false, true]);
  });

  test('after a change of unit the client reports a loss, and follows the new unit', async () => {
    const app = await useApp();
    let unit = 5;
    const client = useLive(app, { getToken: () => signToken({ unit_id: unit }) });
    const following = await followed(client);
    unit = 7;
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    expect(await following.next()).toBe('started lost');
    await publish(app, 'of 5');
    await publish(app, 'of 7', { channel: { kind: 'storage', unitId: '7' } });
    expect(await following.next()).toBe('event of 7');
  });

  test('after a change of role the server is asked again for what it refused', async () => {
    const app = await useApp();
    let role = 'Store Head';
    const client = useLive(app, { getToken: () => signToken({ role }) });
    const following = followAny(client, AuditLoggedDocument, {}, ({ auditLogged }) => auditLogged.id);
    expect(await following.next()).toBe('refused FORBIDDEN');
    role = 'System Admin';
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    expect(await following.next()).toBe('started first');
  });

  test('a user whose session is revoked is signed out, without another attempt', async () => {
    const app = await useApp();
    const ends: string[] = [];
    const client = useLive(app, { onSessionEnd: (reason) => ends.push(reason) });
    await followed(client);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 17 }));
    const { reason } = await inPhase(client, 'signed-out');
    expect(ends).toEqual([reason]);
    expect(reason).toContain('sign in again');
    await until(isEmpty(app));
  });

  test('a client over the connection limit stops until it is asked to retry', async () => {
    const app = await useApp({ MAX_CONNECTIONS_PER_USER: '1' });
    const [first, second] = [useLive(app), useLive(app)];
    await followed(first);
    const following = follow(second);
    expect(await inPhase(second, 'stopped')).toMatchObject({ code: 4429 });
    first.close();
    await until(isEmpty(app));
    second.reconnect();
    expect(await following.next()).toBe('started first');
  });
});
