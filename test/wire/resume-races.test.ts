/** Many clients resume together while events are published. Each gets exactly what it missed, at little cost. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Bus, BusMessage } from '../../src/bus/bus.ts';
import { LOG_PAGE } from '../../src/topics/log-reader.ts';
import { useApp } from '../support/app.ts';
import { numbers, UNIT_STREAM, useRedisBus } from '../support/buses.ts';
import { executions } from '../support/metrics.ts';
import { watchRangeReads } from '../support/range-reads.ts';
import { type TestRedis, useRedis } from '../support/redis.ts';
import {
  type Followed,
  publish,
  publishAll,
  type Resumer,
  STORAGE,
  useEventStream,
  useResumer,
} from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const OTHER_DOCUMENT = 'subscription { storageUpdated { id locations { roomName } } }';
const KEEP_ALL = { retention: { events: 1_000_000, seconds: 3600 } };

/** Publishes events 1, 2, 3 … until it is stopped, and returns the cursor of each. The cursor at 0 is that of the empty log. */
async function useFlow(app: App, token: string) {
  const watcher = (await useResumer(app, token)).run(STORAGE);
  const cursors = [await watcher.position()];
  let isFlowing = true;
  const flow = async (): Promise<void> => {
    while (isFlowing) {
      await publish(app, `${cursors.length}`, KEEP_ALL);
      expect(await watcher.next()).toBe(`${cursors.length}`);
      cursors.push(watcher.cursor ?? '');
    }
  };
  const flowing = flow();
  return {
    cursors,
    async stop() {
      isFlowing = false;
      await flowing;
    },
  };
}

test.each([
  ['within a process', false],
  ['over Redis, on either of two servers', true],
])(
  'six hundred resumes while events are published are exact, %s',
  async (_where, hasRedis) => {
    const settings = hasRedis ? { REDIS_URL: (await useRedis()).url } : {};
    const app = await useApp(settings);
    const servers = hasRedis ? [app, await useApp(settings)] : [app];
    const token = await people.head();
    const { cursors, stop } = await useFlow(app, token);
    const random = (below: number): number => Math.floor(Math.random() * below);

    async function resumeOften(socket: Resumer): Promise<void> {
      for (let round = 0; round < 30; round += 1) {
        const seen = random(cursors.length);
        const query = random(3) === 0 ? OTHER_DOCUMENT : STORAGE;
        const operation = socket.run(query, { after: cursors[seen] });
        const count = Math.max(1, cursors.length - seen) + random(10);
        expect(await operation.take(count)).toEqual(numbers(seen + 1, seen + count));
        operation.stop();
      }
    }
    const sockets = await Promise.all(
      Array.from({ length: 20 }, (_, at) => useResumer(servers[at % servers.length] ?? app, token)),
    );
    await Promise.all(sockets.map(resumeOften));
    await stop();
  },
  120_000,
);

/** An app whose periodic tasks do not run during the test. */
async function useQuietApp(redis: TestRedis): Promise<App> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return useApp({ REDIS_URL: redis.url, MAX_CONNECTIONS_PER_USER: '0' });
}

test.each<[string, (at: number) => number]>([
  ['the same position', () => 100],
  ['positions of their own', (at) => 50 + (at % 250)],
])(
  'three hundred clients that resume together with %s get what they missed, and each page of the log is read once',
  async (_what, seenBy) => {
    const redis = await useRedis();
    const first = await useApp({ REDIS_URL: redis.url });
    const token = await people.head();
    const { cursors, stop } = await useFlow(first, token);
    await vi.waitFor(() => expect(cursors.length).toBeGreaterThan(400), 30_000);
    await stop();
    const newest = cursors.length - 1;
    const app = await useQuietApp(redis);
    const sockets = await Promise.all(Array.from({ length: 300 }, () => useResumer(app, token)));
    const reads = await watchRangeReads(redis);
    const before = await executions(app);

    const operations = sockets.map((socket, at): [Followed, number] => {
      const seen = seenBy(at);
      return [socket.run(STORAGE, { after: cursors[seen] }), seen];
    });
    for (const [operation, seen] of operations)
      expect(await operation.take(newest - seen)).toEqual(numbers(seen + 1, newest));
    await reads.settled();
    expect(reads.count).toBeGreaterThan(0);
    expect(reads.count).toBeLessThanOrEqual(Math.ceil(newest / (LOG_PAGE - 1)));
    // The last entry of each page is read again, since it shows that the next page follows it directly.
    expect(reads.repeated(UNIT_STREAM)).toBeLessThan(reads.count);
    const oldest = Math.min(...operations.map(([, seen]) => seen));
    expect((await executions(app)) - before).toBe(newest - oldest);
    expect(app.stats()).toMatchObject({ audiences: 1, subscriptions: 300 });

    await publish(app, `${newest + 1}`);
    for (const [operation] of operations) {
      expect(await operation.next()).toBe(`${newest + 1}`);
      expect(operation.pending).toBe(0);
    }
    expect((await executions(app)) - before).toBe(newest - oldest + 1);
  },
  60_000,
);

test('events in a server’s memory are replayed without reading the log', async () => {
  const redis = await useRedis();
  const app = await useQuietApp(redis);
  const token = await people.head();
  const live = await useEventStream(app, STORAGE, token);
  await live.position();
  await publish(app, '0');
  await live.next();
  const { cursor } = live;
  await publishAll(app, numbers(1, 50));
  await live.take(50);
  const reads = await watchRangeReads(redis);
  const operations = await Promise.all(
    numbers(1, 20).map(() => useEventStream(app, STORAGE, token, { after: cursor })),
  );
  for (const operation of operations) expect(await operation.take(50)).toEqual(numbers(1, 50));
  await reads.settled();
  expect(reads.count).toBe(0);
});

test('a server that has not received the newest event yet reads the log before it answers a client that has', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  const withheld: (() => void)[] = [];
  let isLate = false;
  const late: Bus = {
    ...bus,
    subscribe: (name, onMessage: (message: BusMessage) => void) =>
      bus.subscribe(name, (message) => {
        if (isLate) withheld.push(() => onMessage(message));
        else onMessage(message);
      }),
    close: async () => undefined, // the test closes it
  };
  const [first, second] = [await useApp({ REDIS_URL: redis.url }), await useApp({}, { bus: late })];
  const token = await people.head();
  const ahead = await useEventStream(first, STORAGE, token);
  const lagging = await useEventStream(second, STORAGE, token);
  for (const operation of [ahead, lagging]) await operation.position();
  await publish(first, '1');
  for (const operation of [ahead, lagging]) await operation.next();

  isLate = true;
  await publishAll(first, ['2', '3']);
  await ahead.take(2);
  const resumed = await useEventStream(second, STORAGE, token, { after: ahead.cursor });
  expect(await resumed.position()).toBe(ahead.cursor);
  expect(await lagging.take(2)).toEqual(['2', '3']); // read from the log on that occasion
  for (const release of withheld) release();
  isLate = false;
  await publish(first, '4');
  for (const operation of [resumed, lagging]) {
    expect(await operation.next()).toBe('4');
    expect(operation.pending).toBe(0);
  }
});
