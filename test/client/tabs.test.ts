/** Tabs that share one connection, in one process: a tab that leads is closed, crashes or goes mute, and nobody misses an event. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LinkSink } from '../../client/src/connection/link.ts';
import { AnnouncePresenceDocument, SessionOver, StorageUpdatedDocument } from '../../client/src/index.ts';
import { createHub } from '../../client/src/tabs/hub.ts';
import { createTabs, type Tab, type Tabs } from './support/tabs.ts';

const RUNS = Number(process.env['TABS'] ?? 100);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function openTabs(tabs: Tabs, count: number): Promise<Tab[]> {
  const opened = Array.from({ length: count }, () => tabs.open());
  return pass(100).then(() => opened);
}

test('ten tabs of a user need one link and one operation, and all are live', async () => {
  const tabs = createTabs();
  const ten = await openTabs(tabs, 10);
  tabs.emit('a');
  await pass(10);
  for (const { received, live } of ten) {
    expect(received).toEqual(['first', 'a']);
    expect(live.status).toMatchObject({ phase: 'live', transport: 'websocket' });
  }
  expect(tabs.links).toBe(1);
  expect(tabs.operations).toBe(1);
  for (const tab of ten) tab.close();
  await pass(10);
  expect(tabs.links).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('tabs that show their user at the same object run one operation, which stays until the last of them leaves', async () => {
  const tabs = createTabs();
  const [one, other] = await openTabs(tabs, 2);
  if (one === undefined || other === undefined) throw new Error('there is no tab');
  const before = tabs.running;
  const announcement = { kind: 'request', id: '1', doing: 'LOOKING' } as const;
  const announce = ({ live }: Tab) =>
    live.follow(AnnouncePresenceDocument, announcement, { event: () => undefined });
  const leave = announce(one);
  announce(other);
  await pass(10);
  expect(tabs.running).toBe(before + 1);
  leave();
  await pass(10);
  expect(tabs.running).toBe(before + 1);
  other.crash();
  await pass(10);
  expect(tabs.running).toBe(before);
});

test.each([
  ['is closed', (tab: Tab) => tab.close()],
  ['crashes', (tab: Tab) => tab.crash()],
  ['is frozen', (tab: Tab) => tab.freeze()],
  ['does not answer', (tab: Tab) => tab.mute()],
  ['disconnects', (tab: Tab) => tab.live.disconnect()],
])('when the tab that leads %s, another leads, and the others get each event once', async (_how, end) => {
  const tabs = createTabs();
  const [leader, ...others] = await openTabs(tabs, 4);
  if (leader === undefined) throw new Error('there is no tab');
  tabs.emit('a');
  await pass(10);
  end(leader);
  tabs.emit('b');
  await pass(6000);
  tabs.emit('c');
  await pass(10);
  for (const { received, live } of others) {
    expect(received).toEqual(['first', 'a', 'b', 'c']);
    expect(live.status.phase).toBe('live');
  }
});

test.each([
  ['is closed', (tab: Tab) => tab.close(), 10],
  ['does not answer', (tab: Tab) => tab.mute(), 4010], // after the heartbeat and a third
])(
  'when the tab that leads %s, another one says "Live" only while events reach it',
  async (_how, end, noticedMs) => {
    const tabs = createTabs();
    const [leader, follower] = await openTabs(tabs, 2);
    if (leader === undefined || follower === undefined) throw new Error('there is no tab');
    const { live, received } = follower;
    let isCatchingUp = false;
    const catchingUp = (is: boolean): void => {
      isCatchingUp = is;
    };
    live.follow(StorageUpdatedDocument, {}, { event: () => undefined, catchingUp });
    const saysLive = (): boolean => live.status.phase === 'live' && !isCatchingUp;
    const missed: number[] = [];
    const phases: string[] = [];
    live.onStatus(() => phases.push(live.status.phase));
    end(leader);
    for (let ms = 0; ms < 6000; ms += 10) {
      const saidLive = ms >= noticedMs && saysLive();
      tabs.emit(`${ms}`);
      await pass(10);
      if (saidLive && saysLive() && !received.includes(`${ms}`)) missed.push(ms);
    }
    expect(missed).toEqual([]);
    expect(phases[0]).toBe('connecting');
    expect(saysLive()).toBe(true);
  },
);

test('two users, and two roles of one, have a link each', async () => {
  const tabs = createTabs();
  for (const userId of [17, 23, 17, 23]) tabs.open({ userId });
  await pass(100);
  expect(tabs.links).toBe(2);
  tabs.open({ role: 'System Admin' });
  await pass(100);
  expect(tabs.links).toBe(3);
});

test('a tab that sends hashes does not share with one that sends texts, such as that of the release before', async () => {
  const tabs = createTabs();
  for (const documents of ['text', 'hash', undefined, 'hash'] as const)
    tabs.open(documents === undefined ? {} : { documents });
  await pass(100);
  expect(tabs.links).toBe(2);
});

test('a tab that comes back replays alone what it has missed, and then shares again', async () => {
  const tabs = createTabs();
  const two = await openTabs(tabs, 2);
  two[1]?.freeze();
  tabs.emit('a');
  await pass(100);
  two[1]?.resume();
  await pass(100);
  expect(tabs).toMatchObject({ operations: 2, running: 1 });
  tabs.emit('b');
  await pass(10);
  for (const { received } of two) expect(received).toEqual(['first', 'a', 'b']);
});

test('a tab that begins in the past receives it alone, and then shares', async () => {
  const tabs = createTabs();
  const [leader] = await openTabs(tabs, 1);
  const other = tabs.open({ pastMs: 500 });
  await pass(100);
  expect(tabs).toMatchObject({ links: 1, operations: 2, running: 1 });
  tabs.emit('a');
  await pass(10);
  expect([leader?.received, other.received]).toEqual([
    ['first', 'a'],
    ['first 500', 'a'],
  ]);
});

test('a tab that begins now does not share with one that replays the past', async () => {
  const tabs = createTabs();
  const one = tabs.open({ pastMs: 500 });
  const other = tabs.open();
  await pass(100);
  expect(tabs).toMatchObject({ links: 1, operations: 2, running: 1 });
  tabs.emit('a');
  await pass(10);
  expect([one.received, other.received]).toEqual([
    ['first 500', 'a'],
    ['first', 'a'],
  ]);
});

test('a tab whose `getToken` fails when it is to join shares as soon as it has a token', async () => {
  const tabs = createTabs();
  await openTabs(tabs, 1);
  let failures = 2;
  const late = tabs.open({
    getToken() {
      failures -= 1;
      if (failures >= 0) throw new Error('502');
      return `x.${btoa(JSON.stringify({ role: 'QC', user_id: 17 }))}.x`;
    },
  });
  await pass(5000);
  tabs.emit('a');
  await pass(10);
  expect([late.received, tabs.links, tabs.running]).toEqual([['first', 'a'], 1, 1]);
});

test('a tab without a token shares with no other one that has none', async () => {
  const tabs = createTabs();
  const two = [tabs.open({ getToken: () => '' }), tabs.open({ getToken: () => '' })];
  await pass(100);
  expect([two.map(({ received }) => received), tabs.links]).toEqual([[['first'], ['first']], 2]);
});

test('a tab whose `getToken` gives a token only when it is asked again joins once', async () => {
  const tabs = createTabs();
  let calls = 0;
  const tab = tabs.open({
    getToken() {
      calls += 1;
      if (calls % 2 === 1) throw new Error('401');
      return `x.${btoa(JSON.stringify({ role: 'QC', user_id: 17 }))}.x`;
    },
  });
  await pass(60_000);
  expect([tab.received, tabs.links, calls]).toEqual([['first'], 1, 4]);
});

test('a tab at which its user looks finds out at once whether the tab that leads answers', async () => {
  const tabs = createTabs();
  const [leader, other] = await openTabs(tabs, 2);
  leader?.mute();
  other?.look();
  await pass(1400);
  tabs.emit('a');
  await pass(10);
  expect(other?.received).toEqual(['first', 'a']);
});

test.each([
  null,
  undefined,
  'text',
  7,
  [],
  {},
  { kind: 'next' },
  { leader: null },
  { kind: 'toString', leader: 'x' },
  { kind: 'state', leader: 'x', phase: null },
  { kind: 'run', tab: 'x' },
])('%j over the channel does nothing', async (data) => {
  const tabs = createTabs();
  const two = await openTabs(tabs, 2);
  tabs.post(data);
  tabs.emit('a');
  await pass(10);
  for (const { received, live } of two)
    expect([received, live.status.phase]).toEqual([['first', 'a'], 'live']);
});

test('a tab whose operations are too many for the shared link has a link of its own', async () => {
  const tabs = createTabs(1);
  const two = ['5', '7'].map((unitId) => tabs.open({ unitId }));
  await pass(500);
  expect(tabs.links).toBe(2);
  expect(two.map(({ received }) => received)).toEqual([['first'], ['first']]);
});

test('the tab that leads has another link of its own, too, when it asks for too much', async () => {
  const tabs = createTabs(2);
  const [leader, other] = [tabs.open({ unitId: '5' }), tabs.open({ unitId: '7' })];
  await pass(100);
  const received: string[] = [];
  leader.live.follow(
    StorageUpdatedDocument,
    { unitId: '9' },
    {
      event: ({ storageUpdated }) => received.push(storageUpdated.id),
      started: (why) => received.push(why),
    },
  );
  await pass(2000);
  tabs.emit('a');
  await pass(10);
  for (const all of [leader.received, other.received, received]) expect(all).toEqual(['first', 'a']);
  expect(tabs).toMatchObject({ links: 2, running: 3 });
});

test.each(['locks', 'channels'] as const)(
  'where the browser refuses %s, a tab has a link of its own',
  async (refuses) => {
    const tabs = createTabs();
    const two = [tabs.open({ refuses }), tabs.open({ refuses })];
    await pass(100);
    tabs.emit('a');
    await pass(10);
    for (const { received, live } of two) {
      expect(received).toEqual(['first', 'a']);
      expect(live.status.phase).toBe('live');
      live.close();
    }
    await pass(10);
    expect(tabs.links).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test('when the tab that leads is put away, the others are not shown as offline', async () => {
  const tabs = createTabs();
  const [leader, other] = await openTabs(tabs, 2);
  const phases: string[] = [];
  other?.live.onStatus(() => phases.push(other.live.status.phase));
  leader?.freeze();
  await pass(3000);
  expect(phases).toEqual(['connecting', 'live']);
});

test('a client that was closed reports no end of its session', async () => {
  const onSessionEnd = vi.fn();
  let refuse: (error: Error) => void = () => undefined;
  const getToken = () =>
    new Promise<string>((_, reject) => {
      refuse = reject;
    });
  const { live } = createTabs().open({ getToken, onSessionEnd });
  await pass(10);
  live.close();
  refuse(new SessionOver());
  await pass(10);
  expect(onSessionEnd).not.toHaveBeenCalled();
  expect(live.status).toMatchObject({ phase: 'signed-out', reason: 'Closed.' });
});

test('a session that is over ends for one tab; the others go on with their own tokens', async () => {
  const tabs = createTabs();
  const [first, second] = await openTabs(tabs, 2);
  tabs.end();
  await pass(500);
  expect(first?.live.status.phase).toBe('signed-out');
  tabs.emit('a');
  await pass(10);
  expect(first?.received).toEqual(['first']);
  expect(second?.received).toEqual(['first', 'a']);
});

test('all tabs show how the connection is, and any of them can retry at once', async () => {
  const tabs = createTabs();
  const three = await openTabs(tabs, 3);
  vi.spyOn(Math, 'random').mockReturnValue(1);
  tabs.cut();
  await pass(10);
  expect(three.map(({ live }) => live.status.phase)).toEqual(Array(3).fill('reconnecting'));
  three[2]?.live.reconnect();
  await pass(10);
  expect(three.map(({ live }) => live.status.phase)).toEqual(Array(3).fill('live'));
});

test('a tab that was frozen while it led is a tab among others when it is back', async () => {
  const tabs = createTabs();
  const [first, second] = await openTabs(tabs, 2);
  first?.freeze();
  tabs.emit('a');
  await pass(5000);
  first?.resume();
  await pass(100);
  tabs.emit('b');
  await pass(10);
  expect(first?.received).toEqual(['first', 'a', 'b']);
  expect(second?.received).toEqual(['first', 'a', 'b']);
  expect(tabs.links).toBe(1);
});

test('what a tab ran that has crashed is stopped, and what another one runs goes on', async () => {
  const tabs = createTabs();
  tabs.open({ unitId: '5' });
  const other = tabs.open({ unitId: '7' });
  await pass(100);
  expect(tabs.running).toBe(2);
  other.crash();
  await pass(100);
  expect(tabs.running).toBe(1);
});

test('a tab whose lock comes later than its messages is not taken for one that is gone', async () => {
  const tabs = createTabs();
  tabs.open();
  await pass(100);
  const late = tabs.open({ lateLocksMs: 50 });
  await pass(200);
  tabs.emit('a');
  await pass(10);
  expect(late.received).toEqual(['first', 'a']);
  expect(tabs.links).toBe(1);
});

test('the tab that leads forgets what has ended, and what ran over an earlier link', () => {
  const sinks: LinkSink[] = [];
  let stops = 0;
  const link = {
    transport: 'websocket',
    isRenewable: false,
    run(_request: unknown, sink: LinkSink) {
      sinks.push(sink);
      return () => {
        stops += 1;
      };
    },
    check: () => undefined,
    close: () => undefined,
  } as const;
  const nothing = (): undefined => undefined;
  const hub = createHub({
    leader: 'x',
    tab: 'own',
    post: nothing,
    watchTab: () => nothing,
    hurry: nothing,
    reconnect: nothing,
  });
  const start = (run: number, over: number): void =>
    hub.receive({ kind: 'run', tab: 'other', run, link: over, request: { query: `${run}`, variables: {} } });
  const stop = (run: number): void => hub.receive({ kind: 'stop', tab: 'other', run });
  hub.attach(link);
  for (const run of [1, 2, 3]) start(run, 1);
  sinks[0]?.ended([]);
  stop(1);
  expect(stops).toBe(0);
  stop(2);
  expect(stops).toBe(1);
  hub.attach(link);
  stop(3);
  expect(stops).toBe(1);
});

type Step = readonly [what: (typeof STEPS)[number], whom: number];
const STEPS = [
  'open',
  'open',
  'close',
  'crash',
  'mute',
  'wake',
  'look',
  'freeze',
  'resume',
  'cut',
  'emit',
  'emit',
  'wait',
  'wait',
] as const;
const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat()), { maxLength: 60 });

test('whatever tabs are opened, closed, crash, go mute or freeze: each gets each event once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (plan: Step[], seed) => {
      let state = seed;
      vi.spyOn(Math, 'random').mockImplementation(() => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return state / 2 ** 31;
      });
      const tabs = createTabs();
      let open: Tab[] = [];
      let events = 0;
      for (const [what, whom] of plan) {
        const tab = open[whom % open.length];
        if (what === 'open') open.push(tabs.open());
        else if (what === 'emit') tabs.emit(`${++events}`);
        else if (what === 'cut') tabs.cut();
        else if (what === 'wait') await pass(whom % 3 === 0 ? whom % 5000 : whom % 5);
        else tab?.[what]();
        if (what === 'close' || what === 'crash') open = open.filter((other) => other !== tab);
      }
      for (const tab of open) tab.resume();
      await pass(20_000);
      tabs.emit(`${++events}`);
      await pass(100);
      for (const { received, live } of open) {
        expect(live.status.phase).toBe('live');
        const [first, ...ids] = received;
        expect(first).toBe('first');
        expect(ids).toEqual(Array.from(ids, (_, index) => `${events - ids.length + 1 + index}`));
        expect(ids.length).toBeGreaterThan(0);
      }
      expect(tabs.links).toBe(Math.min(open.length, 1));
      for (const tab of open) tab.close();
    }),
    { numRuns: RUNS },
  );
});
