/** KPI snapshots when the remembered one, the newest in the log and the client's own are not the same. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBatch, createFrame } from '../../packages/sharing/src/batch.ts';
import { Member } from '../../packages/sharing/src/member.ts';
import type { Bus, BusMessage } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { createLogger } from '../../src/log.ts';
import { writeCursor } from '../../src/topics/cursor.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import { createNewestSnapshot } from '../../src/topics/newest-snapshot.ts';
import { createRefusals } from '../../src/topics/refusals.ts';
import { createSnapshotOrder } from '../../src/topics/snapshot-order.ts';
import { openTopicSource } from '../../src/topics/topic-source.ts';
import { messages } from '../support/events.ts';
import { KEEP, names } from '../support/topics.ts';

const UNIT: Channel = { kind: 'kpis', unitId: '5' };
const ALL = 'dms:kpis:all';

/**
 * A bus that can hold the messages of single channels while those of patterns pass. This happens in a cluster, or when a topic is
 * paused.
 */
function createHoldingBus() {
  const bus = createMemoryBus();
  let held: (() => void)[] | undefined;
  const holding: Bus = {
    ...bus,
    subscribe(name, onMessage) {
      const receive = (message: BusMessage): void => {
        if (held === undefined || name.channel === undefined || name.channel === ALL) onMessage(message);
        else held.push(() => onMessage(message));
      };
      return bus.subscribe(name, receive);
    },
  };
  return {
    bus: holding,
    hold() {
      held = [];
    },
    release() {
      const all = held ?? [];
      held = undefined;
      for (const deliver of all) deliver();
    },
  };
}

function createProcess(bus: Bus) {
  const log = createLogger('silent');
  const refusals = createRefusals(bus, names, { eventRejected: () => undefined }, log);
  const observer = { eventReceived: () => undefined };
  const foreign = { notice: () => undefined, areNoticed: false, look: () => undefined };
  const bounds = { keptSeconds: 3600, recentBytes: 10_000, replayBytes: 10_000 };
  const hub = createHub({ bus, names, refusals, observer, foreign, log, ...bounds });
  const latestKpis = keepLatestSnapshots(hub, bus, names.kinds);
  onTestFinished(() => {
    latestKpis.close();
    hub.close();
  });
  return { hub, latestKpis };
}

const publish = (bus: Bus, id: string, second: number): Promise<unknown> => {
  const event = messages.kpis({ id, computedAt: `2026-11-22T09:30:0${second}Z` });
  return bus.append(names.logKeysOf(UNIT), id, JSON.stringify(event), KEEP);
};

async function follow({ hub, latestKpis }: ReturnType<typeof createProcess>) {
  const order = createSnapshotOrder();
  const source = await openTopicSource(
    {
      kind: 'kpis',
      topic: UNIT,
      newestOnly: { first: async (logged) => latestKpis.newest(UNIT, logged, order), order },
    },
    { hub, maxWaiting: 100, signal: undefined },
  );
  return async () => {
    const { value } = await source.events.next();
    return value && { id: value.data.id, hasCursor: value.position !== undefined };
  };
}

test('a snapshot that is remembered before its topic has it is delivered once, with its cursor, and no older one', async () => {
  const { bus, hold, release } = createHoldingBus();
  const server = createProcess(bus);
  await publish(bus, 'one', 1);
  await follow(server); // opens the topic
  hold();
  await publish(bus, 'two', 2);
  await publish(bus, 'three', 3);
  const next = await follow(server);
  expect(await next()).toEqual({ id: 'three', hasCursor: true });
  release();
  await publish(bus, 'four', 4);
  expect(await next()).toEqual({ id: 'four', hasCursor: true });
});

test('if two snapshots have the same instant, the later one in the log is the newest', async () => {
  const bus = createMemoryBus();
  const { latestKpis } = createProcess(bus);
  await publish(bus, 'one', 1);
  const kept = latestKpis.newest(UNIT, undefined, createSnapshotOrder());
  expect(kept?.data.id).toBe('one');
  const { epoch } = (await bus.readLast(names.streamOf(UNIT)))?.position ?? expect.fail();
  const data = { ...(kept?.data ?? expect.fail()), id: 'two' };
  const cursor = writeCursor({ epoch, offset: 2, seal: '0123456789abcdef' });
  const logged = createNewestSnapshot();
  const time = kept?.time ?? null;
  logged.offer({ event: { kind: 'kpis', data, time }, offset: 2, cursor });
  expect(latestKpis.newest(UNIT, logged, createSnapshotOrder())?.data.id).toBe('two');
});

test('the snapshot that a client has is skipped until another one is delivered to it', () => {
  const membership = { context: {}, maxWaiting: 10, onLeave: () => undefined, cursorOf: () => undefined };
  const member = new Member(membership, { cursor: 'its own', after: 0, isNewestOnly: true });
  const delivered: unknown[] = [];
  member.attach({
    deliver: ({ frames }) => delivered.push(...frames.map(({ result }) => result.data?.['id'])),
    room: () => undefined,
    endSlow: () => undefined,
  });
  const batchOf = (id: string, cursor: string) =>
    createBatch([createFrame({ data: { id } }, { offset: 1, cursor }, (result) => result)], true);
  member.deliver(batchOf('known', 'its own'));
  expect(delivered).toEqual([]);
  member.deliver(batchOf('older', 'another'));
  member.deliver(batchOf('known', 'its own'));
  expect(delivered).toEqual(['older', 'known']);
});

test('closing a hub ends all waits for the bus, and leaves no timer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const away: Bus = { ...createMemoryBus(), readLast: () => Promise.reject(new Error('away')) };
  const { hub, latestKpis } = createProcess(away);
  const topic = hub.open(UNIT, { onEvent: () => undefined, onLost: () => undefined });
  await vi.advanceTimersByTimeAsync(1000);
  latestKpis.close();
  hub.close();
  await vi.advanceTimersByTimeAsync(1000);
  expect(vi.getTimerCount()).toBe(0);
  await expect(topic.ready).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(hub.openTopics).toBe(0);
});

test('snapshots without a time come in the order of their log, even if the log is read after they are remembered', async () => {
  const { bus, hold, release } = createHoldingBus();
  const server = createProcess(bus);
  const append = (id: string): Promise<unknown> => {
    const event = messages.kpis({ id, computedAt: null });
    return bus.append(names.logKeysOf(UNIT), id, JSON.stringify(event), KEEP);
  };
  await append('one');
  await follow(server); // opens the topic
  hold();
  for (const id of ['two', 'three']) await append(id);
  const next = await follow(server);
  expect(await next()).toEqual({ id: 'three', hasCursor: true });
  release();
  await append('four');
  expect(await next()).toEqual({ id: 'four', hasCursor: true });
});
