/** Notifications and variables without React: who is notified of what, in which order. */
import type { Client } from 'urql';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  RequestUpdatedDocument,
  SendBackCreatedDocument,
  ViewerDocument,
  type ViewerQuery,
  WhileAwayDocument,
} from '../../client/src/generated/operations.ts';
import type { LiveClient } from '../../client/src/index.ts';
import { absencesOf } from '../../client/src/notifications/absences.ts';
import {
  type AwayLine,
  changedBetween,
  foldInbox,
  type InboxEvent,
} from '../../client/src/notifications/inbox-items.ts';
import { createInboxStore, inboxStoreOf } from '../../client/src/notifications/inbox-store.ts';
import {
  isRead,
  localReadMarks,
  NOTHING_READ,
  withAllRead,
  withOthersRead,
  withRead,
} from '../../client/src/notifications/read-marks.ts';
import { withoutOwn } from '../../client/src/notifications/without-own.ts';
import { exactVariables } from '../../client/src/react/live-variables.ts';
import { createFakeLiveClient } from '../../client/src/testing/fake-live-client.ts';

/** A client whose server says who the user is, after a while, or fails. */
function useClient(answers: readonly ('17' | 'fails')[]) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  async function toPromise() {
    const answer = answers[asked++] ?? '17';
    await new Promise((resolve) => setTimeout(resolve, 20));
    return answer === 'fails' ? { error: new Error('blocked') } : { data: { viewer: { id: answer } } };
  }
  const urql = { query: () => ({ toPromise }) } as unknown as Client;
  const status: Partial<LiveClient> = { status: { phase: 'live', since: 0, transport: 'websocket' } };
  const client = { ...status, urql, onStatus: () => () => undefined } as unknown as LiveClient; // all that is asked of it
  return { client, asked: () => asked };
}

const by = (id: string | null, what: string) => ({ actor: id === null ? null : { id }, what });

function useNotified(client: LiveClient) {
  const notified: string[] = [];
  const others = withoutOwn<ReturnType<typeof by>>(client, ({ what }) => notified.push(what));
  onTestFinished(() => others.close());
  return { others, notified };
}

test('events of others come in order, and those of the user do not come', async () => {
  const { client, asked } = useClient(['17']);
  const { others, notified } = useNotified(client);
  others.event(by(null, 'system'));
  expect(notified).toEqual(['system']);
  for (const event of [by('9', 'first'), by('17', 'own'), by(null, 'system again'), by('9', 'last')])
    others.event(event);
  expect(notified).toEqual(['system']);
  await vi.advanceTimersByTimeAsync(20);
  others.event(by('17', 'own again'));
  others.event(by('9', 'later'));
  expect(notified).toEqual(['system', 'first', 'system again', 'last', 'later']);
  expect(asked()).toBe(1);
});

test('nobody is notified of their own action because a query has failed', async () => {
  const { client } = useClient(['fails', 'fails']);
  const { others, notified } = useNotified(client);
  others.event(by('17', 'own'));
  others.event(by('9', 'another’s'));
  await vi.advanceTimersByTimeAsync(500);
  expect(notified.filter((what) => what === 'own')).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(notified).toEqual(['another’s']);
});

test('nothing comes after the end, not even what waited', async () => {
  const { client, asked } = useClient(['fails']);
  const { others, notified } = useNotified(client);
  others.event(by('9', 'waiting'));
  others.close();
  await vi.advanceTimersByTimeAsync(60_000);
  others.event(by(null, 'late'));
  expect([notified, asked()]).toEqual([[], 1]);
});

test.each([
  [{ unitId: 5 }, { unitId: '5' }],
  [{ unitId: null, requestId: undefined, mine: null }, {}],
  [
    { id: 0, first: 3, mine: false },
    { id: '0', first: 3, mine: false },
  ],
])('the variables %j are sent as %j', (loose, exact) => {
  expect(exactVariables<object>(loose)).toEqual(exact);
});

const AT = '2026-11-22T09:30:00Z';
const LATER = '2026-11-22T09:40:00Z';
const OWNER = { id: '17', isOfAllUnits: false };

const line = (changes: Partial<AwayLine> = {}): AwayLine => ({
  kind: 'request',
  entityId: '4',
  actions: ['APPROVED'],
  events: 1,
  eventIds: ['e1'],
  statusBefore: 'PENDING',
  statusNow: 'APPROVED',
  firstAt: AT,
  lastAt: AT,
  isNew: false,
  isDeleted: false,
  isMine: false,
  actor: { id: '9', name: 'Noor', role: 'QC' },
  request: { id: '4', requestType: 'STORAGE', createdBy: { id: '17' } },
  sendBack: null,
  ...changes,
});

const event = (id: string, action: string, changes: Partial<InboxEvent> = {}): InboxEvent => ({
  kind: 'request',
  entityId: '4',
  id,
  action,
  occurredAt: LATER,
  actor: { id: '9', name: 'Noor', role: 'QC' },
  about: { requestId: '4', statusNow: 'ISSUED', requestType: 'STORAGE', reason: null, createdById: '17' },
  ...changes,
});

test('an inbox counts each event once, whether the server has folded it, it came live, or both', () => {
  const [item, ...others] = foldInbox([line()], [event('e1', 'APPROVED'), event('e2', 'ISSUED')], OWNER);
  expect(others).toEqual([]);
  expect(item).toMatchObject({
    actions: ['APPROVED', 'ISSUED'],
    events: 2,
    statusBefore: 'PENDING',
    statusNow: 'ISSUED',
    isOwnRequest: true,
    lastAt: Date.parse(LATER),
  });
});

test('what the user did, and what has left the unit, is not in an inbox', () => {
  const own = { actor: { id: '17', name: 'Ada', role: 'Section Head' } };
  expect(foldInbox([], [event('e1', 'CREATED', own)], OWNER)).toEqual([]);
  expect(foldInbox([line()], [event('e2', 'ISSUED', own)], OWNER)).toMatchObject([
    { events: 1, statusNow: 'ISSUED', actions: ['APPROVED'] },
  ]);
  expect(foldInbox([line()], [event('e2', 'MOVED_OUT')], OWNER)).toEqual([]);
  expect(foldInbox([line()], [event('e2', 'MOVED_OUT')], { ...OWNER, isOfAllUnits: true })).toHaveLength(1);
});

test('somebody who has never been here begins with what concerns them', () => {
  const shown = [
    { key: 'request:1', lastAt: 5, kind: 'request' as const, isOwnRequest: false },
    { key: 'request:2', lastAt: 6, kind: 'request' as const, isOwnRequest: true },
    { key: 'sendback:3', lastAt: 7, kind: 'sendback' as const, isOwnRequest: true },
  ];
  const state = withOthersRead(NOTHING_READ, shown);
  expect(shown.filter(({ key, lastAt }) => !isRead(state, key, lastAt)).map(({ key }) => key)).toEqual([
    'request:2',
    'sendback:3',
  ]);
  expect(isRead(state, 'request:1', 8)).toBe(false);
});

test('send-backs to the user come first, and stand for the event of their request', () => {
  const sendBack = { id: '8', reason: 'Which year?', requestId: '4' };
  const sentBack = line({ kind: 'sendback', entityId: '8', isMine: true, request: null, sendBack });
  const echo = line({ actions: ['SENT_BACK'], lastAt: LATER });
  const other = line({ entityId: '5', eventIds: ['e5'], lastAt: LATER });
  const keys = foldInbox([other, echo, sentBack], [], OWNER).map(({ key }) => key);
  expect(keys).toEqual(['sendback:8', 'request:5']);
  expect(foldInbox([{ ...sentBack, isMine: false }], [], OWNER)).toEqual([]);
});

test('an entry that was read is unread again when something else happens to it', () => {
  const one = withRead(NOTHING_READ, 'request:4', 100);
  expect([isRead(one, 'request:4', 100), isRead(one, 'request:4', 101), isRead(one, 'request:5', 1)]).toEqual(
    [true, false, false],
  );
  expect(withRead({ all: 200, items: {} }, 'request:4', 100).items).toEqual({});
});

test('all that is shown is read, and nothing that comes late, or while a computer’s clock is fast', () => {
  const now = 1_000_000;
  const shown = [
    { key: 'request:4', lastAt: now - 90_000 },
    { key: 'request:5', lastAt: now - 1000 },
    { key: 'request:6', lastAt: now + 300_000 },
  ];
  const state = withAllRead(withRead(NOTHING_READ, 'request:4', 1), shown, now);
  expect(shown.map(({ key, lastAt }) => isRead(state, key, lastAt))).toEqual([true, true, true]);
  expect(isRead(state, 'request:7', now - 2000)).toBe(false);
  expect(isRead(state, 'request:7', now + 1000)).toBe(false);
  expect(state).toMatchObject({ all: now - 90_000, items: { 'request:5': now - 1000 } });
});

test.each([
  ['is full', () => '{"all":1,"items":{}}'],
  ['is full and has none', () => null],
  [
    'is blocked',
    () => {
      throw new Error('blocked');
    },
  ],
])('where the browser’s storage %s, marks last as long as the page', (_how, getItem) => {
  const setItem = (): void => {
    throw new Error('full');
  };
  vi.stubGlobal('localStorage', { getItem, setItem });
  onTestFinished(() => void vi.unstubAllGlobals());
  const marks = localReadMarks('17');
  marks.get();
  marks.set({ all: 7, items: {} });
  expect(marks.get()).toEqual({ all: 7, items: {} });
});

test('what changed while the user was away counts, also when it changes again', () => {
  const items = foldInbox([line(), line({ entityId: '5', lastAt: LATER })], [], OWNER);
  const [from, to] = [Date.parse(AT) - 1, Date.parse(AT)];
  const keysOf = (known: readonly string[]) =>
    changedBetween(items, from, to, new Set(known)).map(({ key }) => key);
  expect(keysOf([])).toEqual(['request:4']);
  expect(keysOf(['request:5'])).toEqual(['request:5', 'request:4']);
});

test('all components of a page see the same absence, until one of them says that it was noticed', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const page = new EventTarget();
  vi.stubGlobal('document', Object.assign(page, { visibilityState: 'visible' }));
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => stored.set(key, text),
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const absences = absencesOf('absent');
  const stop = absences.watch(() => undefined);
  vi.advanceTimersByTime(60_000);
  expect(absences.longerThan(60_000)).toBe(undefined);
  stop();
  const since = Date.now();
  vi.advanceTimersByTime(3_600_000);
  const changed = vi.fn();
  for (const listener of [changed, () => undefined]) onTestFinished(absencesOf('absent').watch(listener));
  const absence = absences.longerThan(60_000);
  expect(absence).toEqual({ since, until: since + 3_600_000 });
  vi.advanceTimersByTime(40_000); // a shorter one, of the time between two looks, hides nothing
  expect(absencesOf('absent').longerThan(60_000)).toBe(absence);
  expect(absences.longerThan(10_000)).not.toBe(absence);
  if (absence !== undefined) absences.dismiss(absence);
  expect(absencesOf('absent').longerThan(60_000)).toBe(undefined);
  expect(changed).toHaveBeenCalled();
});

/** An inbox that is watched, of a page whose clock can be moved on. */
function useStore() {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const client = createFakeLiveClient();
  const store = createInboxStore(client, undefined, 86_400_000);
  onTestFinished(store.watch(() => undefined));
  return { client, store };
}

test('an answer of the server counts for more than what came live long before it', async () => {
  const { client, store } = useStore();
  await vi.waitFor(() => expect(store.get().isLoading).toBe(false));
  const change = { action: 'ISSUED', actor: { id: '9' } } as const;
  const as = { status: 'ISSUED', requestType: 'STORAGE', unitId: '5' } as const;
  for (const id of ['4', '5'])
    client.emit(RequestUpdatedDocument, { requestUpdated: { ...change, request: { id, ...as } } });
  expect(store.get().items.map(({ statusNow }) => statusNow)).toEqual(['ISSUED', 'ISSUED']);
  vi.setSystemTime(Date.now() + 3_600_000);
  const until = new Date().toISOString();
  const lines = [line({ eventIds: ['e9'], statusNow: 'RETURNED', lastAt: until })]; // 5 has left the unit
  client.answer(WhileAwayDocument, {
    whileAway: { knownFrom: until, until, isWhole: false, more: 0, lines },
  });
  client.lose();
  await vi.waitFor(() =>
    expect(store.get().items).toMatchObject([{ requestId: '4', events: 1, statusNow: 'RETURNED' }]),
  );
});

test('an inbox shows the first event of a burst at once, and the others together', async () => {
  const { client, store } = useStore();
  await vi.waitFor(() => expect(store.get().isLoading).toBe(false));
  const shown = vi.fn();
  onTestFinished(store.watch(shown));
  const as = { status: 'ISSUED', requestType: 'STORAGE', unitId: '5' } as const;
  for (let id = 1; id <= 50; id += 1)
    client.emit(RequestUpdatedDocument, {
      requestUpdated: { action: 'ISSUED', request: { id: `${id}`, ...as } },
    });
  expect(shown).toHaveBeenCalledOnce();
  expect(store.get().items).toHaveLength(50);
  expect(store.get()).toBe(store.get());
  await vi.waitFor(() => expect(shown).toHaveBeenCalledTimes(2));
});

test('an inbox is loaded once both subscriptions run, or are refused', async () => {
  const { client, store } = useStore();
  client.refuse(RequestUpdatedDocument);
  client.refuse(SendBackCreatedDocument);
  await vi.waitFor(() => expect(store.get().isLoading).toBe(false));
});

test('an inbox outlives an answer without data', async () => {
  const { client, store } = useStore();
  client.answer(WhileAwayDocument, null as never); // as a server answers a query that it refuses
  await vi.waitFor(() => expect(store.get().viewerId).toBeDefined());
  expect(store.get()).toMatchObject({ items: [], isLoading: true });
});

const ISSUED = { status: 'ISSUED', requestType: 'STORAGE', unitId: '5' } as const;
type Viewer = ViewerQuery['viewer'];
const LEILA: Viewer = {
  id: '17',
  name: 'Leila',
  unitId: '5',
  role: 'QC',
  isAdmin: false,
  sessionExpiresAt: '2100-01-01T00:00:00Z',
};
const OTHERS: readonly (readonly [string, Partial<Viewer>])[] = [
  ['another person', { id: '18' }],
  ['the same person in another unit', { unitId: '6' }],
  ['the same person in another role', { role: 'Store Head' }],
  ['the same person, who sees all units now', { isAdmin: true }],
];

/** The inbox of somebody, with a line of the server and one that came live. */
async function useInboxOf(viewer: Viewer) {
  const client = createFakeLiveClient();
  onTestFinished(client.close);
  const answerAs = (who: Viewer, requestId: string) => {
    client.answer(ViewerDocument, { viewer: who });
    const lines = [line({ entityId: requestId, eventIds: [requestId] })];
    client.answer(WhileAwayDocument, {
      whileAway: { knownFrom: AT, until: LATER, isWhole: true, more: 0, lines },
    });
  };
  const store = createInboxStore(client, undefined, 86_400_000);
  answerAs(viewer, '4');
  const stop = store.watch(() => undefined);
  onTestFinished(stop);
  const shown = () => store.get().items.map(({ requestId }) => requestId);
  await vi.waitFor(() => expect(shown()).toEqual(['4']));
  client.emit(RequestUpdatedDocument, {
    requestUpdated: { action: 'ISSUED', actor: { id: '9' }, request: { id: '5', ...ISSUED } },
  });
  expect(shown()).toEqual(['5', '4']);
  return { client, store, shown, answerAs, stop };
}

test.each(OTHERS)(
  '%s sees nothing of an inbox from before, whose connection resumes',
  async (_who, other) => {
    const { client, store, shown, answerAs } = await useInboxOf(LEILA);
    answerAs({ ...LEILA, ...other }, '6');
    client.cut();
    expect(shown()).toEqual(['5', '4']); // an interruption blanks nothing
    client.reconnect();
    await vi.waitFor(() => expect(shown()).toEqual(['6']));
    expect(store.get()).toMatchObject({ isLoading: false, viewerId: other.id ?? '17' });
  },
);

test.each([
  ['after a sign-out', 'signed-out', []],
  ['after the app has disconnected', 'offline', ['5', '4']],
] as const)(
  '%s the next person sees nothing of the inbox from the first moment on',
  async (_when, phase, kept) => {
    const { client, store, shown, answerAs } = await useInboxOf(LEILA);
    client.setPhase(phase === 'offline' ? { phase, reason: 'disconnected' } : phase);
    expect(shown()).toEqual(kept);
    answerAs({ ...LEILA, id: '18' }, '6');
    const seen = new Set<string>();
    onTestFinished(store.watch(() => seen.add(shown().join())));
    client.reconnect();
    expect(shown()).toEqual([]);
    await vi.waitFor(() => expect(shown()).toEqual(['6']));
    expect([...seen].toSorted()).toEqual(['', '6']);
  },
);

test('an inbox that nobody watches shows nothing once its user may have gone, and the same user’s again', async () => {
  const { client, store, shown, stop } = await useInboxOf(LEILA);
  client.follow(RequestUpdatedDocument, { unitId: '7' }, { event: () => undefined }); // the connection stays
  stop();
  expect(shown()).toEqual(['5', '4']);
  client.cut();
  expect(store.get()).toMatchObject({ items: [], isLoading: true, viewerId: undefined });
  client.reconnect();
  onTestFinished(store.watch(() => undefined));
  await vi.waitFor(() => expect(shown()).toContain('4'));
});

test('a client keeps few inboxes that nobody watches', () => {
  const client = createFakeLiveClient();
  onTestFinished(client.close);
  const watched = inboxStoreOf(client, undefined, 0);
  onTestFinished(watched.watch(() => undefined));
  const first = inboxStoreOf(client, undefined, 1);
  for (let sinceMs = 2; sinceMs < 10; sinceMs += 1) inboxStoreOf(client, undefined, sinceMs);
  expect(inboxStoreOf(client, undefined, 0)).toBe(watched);
  expect(inboxStoreOf(client, undefined, 9)).toBe(inboxStoreOf(client, undefined, 9));
  expect(inboxStoreOf(client, undefined, 1)).not.toBe(first);
});

test('what one component marks as read is read in all of the page', () => {
  const listener = vi.fn();
  onTestFinished(localReadMarks('19').subscribe(listener));
  localReadMarks('19').set({ all: 8, items: {} });
  expect([
    localReadMarks('19').get().all,
    localReadMarks('18').get().all,
    listener.mock.calls.length,
  ]).toEqual([8, 0, 1]);
});
