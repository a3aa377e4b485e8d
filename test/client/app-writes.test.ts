/** What the demo app sends, and what its dialogs say of it: without a page. */
import { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChangedMeanwhile, changedMeanwhile } from '../../client/src/notifications/changed-meanwhile.ts';
import { createCrateOnce } from '../../demo/app/src/api/crate-once.ts';
import { http } from '../../demo/app/src/api/http.ts';
import { describeFailedWrite, OutcomeUnknown, write } from '../../demo/app/src/api/write.ts';
import { newsOf } from '../../demo/app/src/words/meanwhile.ts';
import { describeRefusal } from '../../demo/app/src/words/refusal.ts';

const ME = { id: 104, username: 'peter', name: 'Peter Osei', role: 'Store Head', unit_id: 1 };
const AT = '2026-11-26T10:02:00Z';

beforeEach(() => {
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('sessionStorage', { getItem: () => null });
});
const { adapter = [] } = http.defaults;
afterEach(() => {
  vi.unstubAllGlobals();
  http.defaults.adapter = adapter;
});

/** A REST API that answers with these one after the other, and notes what it was sent. */
function useDms(...answers: readonly (object | 'lost')[]) {
  const sent: { readonly path: string; readonly key: unknown }[] = [];
  const rest = [...answers];
  http.defaults.adapter = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
    sent.push({ path: config.url ?? '', key: config.headers.get('Idempotency-Key') });
    const data = rest.shift();
    if (data === 'lost') throw new AxiosError('lost', AxiosError.ERR_NETWORK, config);
    return { data, status: 201, statusText: '', headers: {}, config };
  };
  return sent;
}

test('the crate of a draft whose answer was lost is sent again with its key, and not once more when it is there', async () => {
  const sent = useDms('lost', { id: 7 }, { id: 8 });
  const create = createCrateOnce();
  const crate = { documents: [] };
  await expect(create(crate)).rejects.toBeInstanceOf(OutcomeUnknown);
  expect([await create(crate), await create(crate)]).toEqual([7, 7]);
  expect(await create({ documents: [], unit_id: '2' })).toBe(8);
  const [first, again, other] = sent.map(({ key }) => key);
  expect(first).toMatch(/^"[0-9a-f]{32}"$/);
  expect([again, other === first, sent.length]).toEqual([first, false, 3]);
});

test('what may be sent again says so, as long as its dialog is open', async () => {
  useDms('lost', 'lost');
  const say = (error: unknown, isOpen: boolean) => describeFailedWrite(error, { isOpen });
  const created = await write('post', '/crates/', {}, 'key').catch((error: unknown) => error);
  const lost = 'The server cannot be reached. We do not know whether it was saved.';
  expect(say(created, true)).toBe(`${lost} Send it again: nothing is made twice.`);
  expect(say(created, false)).toBe(`${lost} Look again before repeating.`);
  const approved = await write('post', '/requests/1/approve/', {}).catch((error: unknown) => error);
  expect(say(approved, true)).toBe(`${lost} Look again before repeating.`);
});

type Row = { readonly id: number; readonly status: string };
const PENDING: Row = { id: 1, status: 'Pending' };

/** What a dialog knows of a request that was approved meanwhile: by the row, which was fetched again. */
function fetchedAgain(): ChangedMeanwhile<Row> {
  const row = { ...PENDING, status: 'Approved' };
  const meanwhile = changedMeanwhile({
    before: PENDING,
    row,
    noted: [],
    viewerId: '104',
    patches: undefined,
  });
  if (meanwhile === undefined) throw new Error('nothing has changed');
  return meanwhile;
}

test('a conflict names person and time also where the row was fetched again before, and once where an event did', () => {
  const conflict = {
    why: 'The request is not pending but approved.',
    action: 'approved',
    actor: { id: 105, name: 'Amara Okafor', role: 'System Admin' },
    at: AT,
  };
  const config = { headers: new AxiosHeaders() };
  const response = { status: 409, data: { conflict }, statusText: '', headers: {}, config };
  const error = new AxiosError('refused', AxiosError.ERR_BAD_REQUEST, config, undefined, response);
  const obstacle = 'It can no longer be approved.';
  const meanwhile = fetchedAgain();
  const known = { obstacle, isDone: false, me: ME };
  expect(describeRefusal(error, { ...known, news: newsOf(meanwhile) })).toMatch(
    /^The request is not pending but approved\. Approved by Amara Okafor (at|on) .+\.$/,
  );
  const change = { action: 'APPROVED', actor: conflict.actor, occurredAt: Date.parse(AT), isOwn: false };
  const named = newsOf({ changes: [{ ...change, actor: { ...conflict.actor, id: '105' } }] });
  expect(describeRefusal(error, { ...known, news: named })).toBeUndefined();
});

test('a dialog that shows what the user did does not say that nobody knows it', async () => {
  useDms('lost');
  const error = await write('post', '/crates/1/relocate/', {}).catch((fault: unknown) => fault);
  const change = { action: 'RELOCATED', actor: null, occurredAt: Date.parse(AT), isOwn: true };
  const known = { news: newsOf({ changes: [change] }), obstacle: undefined, me: ME };
  expect(known.news).toMatchObject([{ isOwn: true, words: expect.stringMatching(/^Relocated by you/) }]);
  expect(describeRefusal(error, { ...known, isDone: true })).toBeUndefined();
  // It was done before, in another window: of what was sent now nobody knows.
  expect(describeRefusal(error, { ...known, isDone: false })).toContain('We do not know');
});
