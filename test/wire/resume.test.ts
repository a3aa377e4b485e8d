/** Cursors, and how a client resumes with one: over WebSocket and SSE. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { useApp } from '../support/app.ts';
import { numbers, OTHER_UNIT } from '../support/buses.ts';
import { messages } from '../support/events.ts';
import { useRedis } from '../support/redis.ts';
import { publish, publishAll, STORAGE, TRANSPORTS, useEventStream, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

describe.each(TRANSPORTS)('over %s', (_name, follow) => {
  test('a cursor comes right after subscribing, and with every event', async () => {
    const app = await useApp();
    const operation = await follow(app, STORAGE, await people.head());
    const first = await operation.position();
    await publish(app, 'a');
    expect(await operation.next()).toBe('a');
    const second = operation.cursor;
    await publish(app, 'b');
    expect(await operation.next()).toBe('b');
    expect(new Set([first, second, operation.cursor]).size).toBe(3);
    const late = await follow(app, STORAGE, await people.head());
    expect(await late.position()).toBe(operation.cursor);
  });

  test.each([
    ['the beginning of an empty log', 0],
    ['the first event', 1],
    ['the middle', 5],
    ['the last but one', 9],
  ])('events after %s are replayed once, in order, and then live events follow', async (_what, seen) => {
    const app = await useApp();
    const token = await people.head();
    const before = await follow(app, STORAGE, token);
    await before.position();
    await publishAll(app, numbers(1, seen));
    await before.take(seen);
    before.stop();
    await publishAll(app, numbers(seen + 1, 10));
    const operation = await follow(app, STORAGE, token, { after: before.cursor });
    expect(await operation.take(10 - seen)).toEqual(numbers(seen + 1, 10));
    await publish(app, '11');
    expect(await operation.next()).toBe('11');
  });

  test('nothing is repeated at the end of the log', async () => {
    const app = await useApp();
    const token = await people.head();
    const before = await follow(app, STORAGE, token);
    await before.position();
    await publishAll(app, ['a', 'b']);
    await before.take(2);
    const operation = await follow(app, STORAGE, token, { after: before.cursor });
    expect(await operation.position()).toBe(before.cursor);
    await publish(app, 'c');
    expect(await operation.next()).toBe('c');
  });

  test('a server that was started later, and has only the log, replays the same events', async () => {
    const redis = await useRedis();
    const token = await people.head();
    const first = await useApp({ REDIS_URL: redis.url });
    const before = await follow(first, STORAGE, token);
    await before.position();
    await publishAll(first, numbers(1, 3));
    await before.take(3);
    await publishAll(first, numbers(4, 8));
    await first.close();
    const second = await useApp({ REDIS_URL: redis.url });
    const operation = await follow(second, STORAGE, token, { after: before.cursor });
    expect(await operation.take(5)).toEqual(numbers(4, 8));
    await publish(second, '9');
    expect(await operation.next()).toBe('9');
  });

  test('a server that has received only the newest events replays earlier ones from the log', async () => {
    const redis = await useRedis();
    const token = await people.head();
    const [publisher, server] = [
      await useApp({ REDIS_URL: redis.url }),
      await useApp({ REDIS_URL: redis.url }),
    ];
    const before = await follow(publisher, STORAGE, token);
    await before.position();
    await publishAll(publisher, numbers(1, 5));
    await before.take(4);
    const cursorOfFour = before.cursor;
    await before.next();
    const other = await follow(server, STORAGE, token); // opened when 5 is the newest
    await other.position();
    await publishAll(publisher, ['6']);
    expect(await other.next()).toBe('6');
    const just = await follow(server, STORAGE, token, { after: before.cursor });
    expect(await just.take(1)).toEqual(['6']);
    const further = await follow(server, STORAGE, token, { after: cursorOfFour });
    expect(await further.take(2)).toEqual(['5', '6']);
  });

  test('a cursor of all units resumes all units', async () => {
    const app = await useApp();
    const admin = await people.admin();
    const before = await follow(app, STORAGE, admin);
    await before.position();
    await publish(app, 'a', { channel: OTHER_UNIT });
    await before.next();
    await publish(app, 'b');
    await publish(app, 'c', { channel: OTHER_UNIT });
    const operation = await follow(app, STORAGE, admin, { after: before.cursor });
    expect(await operation.take(2)).toEqual(['b', 'c']);
    await publish(app, 'd');
    expect(await operation.next()).toBe('d');
  });

  test('a person’s send-backs are resumed by that person only', async () => {
    const app = await useApp();
    const channel = { kind: 'sendback', userId: '17' } as const;
    const event = messages.sendback({ unitId: 7 });
    const query = 'subscription { sendBackCreated(mine: true) { id sendBack { reason } } }';
    const before = await follow(app, query, await people.head());
    await before.position();
    await publish(app, 'a', { channel, event });
    await before.next();
    await publish(app, 'b', { channel, event });
    const operation = await follow(app, query, await people.head(), { after: before.cursor });
    expect(await operation.next()).toBe('b');
    const other = await follow(app, query, await people.stranger(), { after: before.cursor });
    expect(await other.codes()).toEqual(['CURSOR_EXPIRED']);
  });

  test('filters also apply to replayed events', async () => {
    const app = await useApp();
    const token = await people.head();
    const query = 'subscription ($id: ID) { requestUpdated(requestId: $id, actions: [APPROVED]) { id } }';
    const variables = { id: '1' };
    const channel = { kind: 'request', unitId: '5' } as const;
    const publishRequest = (id: string, request: number, action: string) =>
      publish(app, id, { channel, event: messages.request({ id: request }, { action }) });
    const before = await follow(app, query, token, { variables });
    const start = await before.position();
    for (const [at, request] of [1, 2, 1, 2, 1].entries())
      await publishRequest(`${at}`, request, at === 2 ? 'REJECTED' : 'APPROVED');
    expect(await before.take(2)).toEqual(['0', '4']);
    const operation = await follow(app, query, token, { variables, after: start });
    expect(await operation.take(2)).toEqual(['0', '4']);
    await publishRequest('5', 1, 'APPROVED');
    expect(await operation.next()).toBe('5');
  });

  test('events in a log that break the contract are skipped', async () => {
    const app = await useApp();
    const token = await people.head();
    const before = await follow(app, STORAGE, token);
    const start = await before.position();
    await publish(app, 'a');
    await publish(app, 'bad', { event: { ...messages.storage(), occurredAt: 'never' } });
    await publish(app, 'b');
    const operation = await follow(app, STORAGE, token, { after: start });
    expect(await operation.take(2)).toEqual(['a', 'b']);
  });

  test('bare events come live, between logged ones, and are not replayed', async () => {
    const app = await useApp();
    const token = await people.head();
    const before = await follow(app, STORAGE, token);
    const start = await before.position();
    await publish(app, 'a');
    await before.next();
    const cursor = before.cursor;
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'bare' })));
    expect(await before.next()).toBe('bare');
    expect(before.cursor).toBe(cursor);
    await publish(app, 'b');
    expect(await before.next()).toBe('b');
    const operation = await follow(app, STORAGE, token, { after: start });
    expect(await operation.take(2)).toEqual(['a', 'b']);
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'bare again' })));
    expect(await operation.next()).toBe('bare again');
  });

  test('no client gets an event twice, even with several audiences on one topic', async () => {
    const app = await useApp();
    const token = await people.head();
    const start = await (await follow(app, STORAGE, token)).position();
    await publishAll(app, numbers(1, 5));
    const more = 'subscription { storageUpdated { id locations { roomName } } }';
    const live = await follow(app, more, token);
    await live.position();
    const resumed = await Promise.all(
      [STORAGE, more, STORAGE].map((query) => follow(app, query, token, { after: start })),
    );
    for (const operation of resumed) expect(await operation.take(5)).toEqual(numbers(1, 5));
    await publishAll(app, ['6', '7']);
    for (const operation of [live, ...resumed]) expect(await operation.take(2)).toEqual(['6', '7']);
    for (const operation of [live, ...resumed]) expect(operation.pending).toBe(0);
  });
});

test('a Last-Event-ID header takes precedence over the cursor in the request', async () => {
  const app = await useApp();
  const token = await people.head();
  const before = await useEventStream(app, STORAGE, token);
  const start = await before.position();
  await publishAll(app, ['a', 'b']);
  await before.take(1);
  const lastEventId = before.cursor ?? '';
  await publish(app, 'c');
  const operation = await useEventStream(app, STORAGE, token, { after: start, lastEventId });
  expect(await operation.take(2)).toEqual(['b', 'c']);
  const empty = await useEventStream(app, STORAGE, token, { after: start, lastEventId: '' });
  expect(await empty.take(3)).toEqual(['a', 'b', 'c']);
});

test('the cursor of an operation moves on even past events that its filter excludes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const app = await useApp();
  const token = await people.head();
  const query = 'subscription { crateUpdated(crateId: 1) { id } }';
  const channel = { kind: 'crate', unitId: '5' } as const;
  const socket = await useResumer(app, token);
  const operations = [socket.run(query), await useEventStream(app, query, token)];
  for (const operation of operations) await operation.position();
  await publish(app, 'unwanted', { channel, event: messages.crate({ id: 2 }) });
  await publish(app, 'end', { channel: { kind: 'audit', unitId: '5' }, event: messages.audit() });
  vi.advanceTimersByTime(12_000);
  const [moved, alsoMoved] = [await operations[0]?.position(), await operations[1]?.position()];
  expect(alsoMoved).toBe(moved);
  await publish(app, 'wanted', { channel, event: messages.crate({ id: 1 }) });
  const resumed = socket.run('subscription { crateUpdated { id } }', { after: moved });
  expect(await resumed.next()).toBe('wanted');
});
