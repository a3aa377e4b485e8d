/** If WebSocket is blocked, events arrive by SSE. The client returns to WebSocket when it works again. */
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient, SessionOver } from '../../client/src/index.ts';
import { useApp } from '../support/app.ts';
import { freePort, until } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { now, people, signToken } from '../support/tokens.ts';
import { follow, followed, inPhase, onTransport, phasesOf, useLive } from './support/live.ts';

/** WebSockets as some networks break them: while `isBlocked`, they go to a port where no server listens. */
async function useFirewall() {
  const nowhere = `ws://127.0.0.1:${await freePort()}`;
  const state = { isBlocked: true, attempts: 0 };
  const webSocketImpl = class extends WebSocket {
    constructor(url: string | URL, protocol?: string | string[]) {
      super(state.isBlocked ? nowhere : url, protocol);
      state.attempts += 1;
    }
  };
  return Object.assign(state, { webSocketImpl });
}

describe('when WebSockets are blocked', () => {
  test('the client switches to SSE after two attempts, and the status shows it', async () => {
    const app = await useApp();
    const firewall = await useFirewall();
    const client = useLive(app, firewall);
    const following = await followed(client);
    expect(client.status).toMatchObject({ phase: 'live', transport: 'sse' });
    expect(firewall.attempts).toBe(2);
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
  });

  test('WebSocket takes over when it works again, and no event is lost or repeated', async () => {
    const app = await useApp();
    const firewall = await useFirewall();
    const client = useLive(app, { ...firewall, upgradeMs: 50 });
    const following = await followed(client);
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    await until(() => firewall.attempts > 4); // failed attempts, which the status does not show
    const phases = phasesOf(client);
    firewall.isBlocked = false;
    await onTransport(client, 'websocket');
    expect(phases).toEqual(['live']);
    await publish(app, 'b');
    expect((await following.take(2)).toSorted()).toEqual(['event b', 'resumed']);
    await until(() => app.stats().connections === 1);
  });

  test('a server that is down is not mistaken for a blocked network', async () => {
    const port = await freePort();
    const firewall = await useFirewall();
    const client = useLive({ url: `http://127.0.0.1:${port}` }, firewall);
    const following = follow(client);
    await until(() => firewall.attempts > 3);
    expect(client.status.phase).not.toBe('live');
    firewall.isBlocked = false;
    await useApp({ PORT: `${port}` });
    expect(await following.next()).toBe('started first');
  });

  test('only the chosen transport is used', async () => {
    const app = await useApp();
    const firewall = await useFirewall();
    const client = useLive(app, { ...firewall, transport: 'websocket' });
    const following = follow(client);
    await until(() => firewall.attempts > 4);
    firewall.isBlocked = false;
    expect(await following.next()).toBe('started first');
    expect(client.status).toMatchObject({ transport: 'websocket' });
  });
});

describe('sessions by SSE', () => {
  const transport = 'sse';

  test('a session is renewed before it ends, without a change of the status, and no event is lost', async () => {
    const app = await useApp();
    let tokens = 0;
    const client = useLive(app, {
      transport,
      getToken() {
        tokens += 1;
        return signToken({ exp: now() + 3 });
      },
    });
    const phases = phasesOf(client);
    const following = await followed(client);
    await until(() => tokens >= 4); // the first session has ended by then
    await publish(app, 'a');
    while ((await following.next()) !== 'event a');
    expect(new Set(phases)).toEqual(new Set(['connecting', 'live']));
  });

  test('when a session ends, the client gets a fresh token and resumes all subscriptions', async () => {
    const app = await useApp();
    const asked: boolean[] = [];
    const client = useLive(app, {
      transport,
      getToken({ isRefused }) {
        asked.push(isRefused);
        return people.head();
      },
    });
    const following = await followed(client);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    await publish(app, 'a');
    expect((await following.take(2)).toSorted()).toEqual(['event a', 'resumed']);
    expect(asked).toEqual([false, true]);
  });

  test('a user whose session is revoked is signed out', async () => {
    const app = await useApp();
    const ends: string[] = [];
    const client = useLive(app, { transport, onSessionEnd: (reason) => ends.push(reason) });
    await followed(client);
    await app.bus.write('dms:session:revoked:user:17', `${now() + 60}`, 60);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 17 }));
    await inPhase(client, 'signed-out');
    expect(ends).toHaveLength(1);
  });
});

describe('getToken', () => {
  test('is called again later if it throws', async () => {
    const app = await useApp();
    let attempts = 0;
    const client = useLive(app, {
      getToken() {
        attempts += 1;
        if (attempts < 4) throw new Error('the network is down');
        return people.head();
      },
    });
    await followed(client);
    expect(attempts).toBe(4);
  });

  test('that throws does not make the client believe that WebSockets are blocked', async () => {
    const app = await useApp();
    let attempts = 0;
    const client = useLive(app, {
      getToken() {
        attempts += 1;
        if (attempts < 3) throw new Error('the network is down');
        return people.head();
      },
    });
    await followed(client);
    expect(attempts).toBe(3);
    expect(client.status).toMatchObject({ transport: 'websocket' });
  });

  test('is called again if it hangs', async () => {
    const app = await useApp();
    let attempts = 0;
    const client = useLive(app, {
      connectTimeoutMs: 500,
      getToken() {
        attempts += 1;
        return attempts < 3 ? new Promise(() => undefined) : people.head();
      },
    });
    await followed(client);
    expect(attempts).toBe(3);
    expect(client.status).toMatchObject({ transport: 'websocket' });
  });

  test('is called again for a fresh token if it hangs while one is needed', async () => {
    const app = await useApp();
    const asked: boolean[] = [];
    let hangs = 0;
    const client = useLive(app, {
      connectTimeoutMs: 500,
      getToken({ isRefused }) {
        asked.push(isRefused);
        if (!isRefused || hangs === 2) return people.head();
        hangs += 1;
        return new Promise(() => undefined);
      },
    });
    const following = await followed(client);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    expect(await following.next()).toBe('resumed');
    // Where the computer is busy, connections take longer than the limit too, and then a token is asked for once more.
    const first = asked.indexOf(true);
    expect(asked.slice(first, first + 3)).toEqual([true, true, true]);
    expect(hangs).toBe(2);
  });

  test.each([
    ['by a promise', async () => Promise.reject(new SessionOver('The refresh token was refused.'))],
    [
      'at once',
      () => {
        throw new SessionOver('The refresh token was refused.');
      },
    ],
  ])('signs out once, for good, if it reports the end of the session %s', async (_how, getToken) => {
    const app = await useApp();
    const ends: string[] = [];
    const phases: string[] = [];
    const client = useLive(app, { getToken, onSessionEnd: (reason) => ends.push(reason) });
    client.onStatus(() => phases.push(client.status.phase));
    follow(client);
    expect(await inPhase(client, 'signed-out')).toMatchObject({ reason: 'The refresh token was refused.' });
    await new Promise(setImmediate); // what the attempt still had to do is done
    expect(ends).toEqual(['The refresh token was refused.']);
    expect(phases).toEqual(['connecting', 'signed-out']);
  });
});

test.each(['ftp://example.org/graphql', 'file:///graphql'])('%s is no server URL', (url) => {
  expect(() => createLiveClient({ url, getToken: people.head })).toThrow(TypeError);
});
