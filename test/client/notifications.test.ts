/** Notifications and variables without React: who is notified of what, in which order. */
import type { Client } from 'urql';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LiveClient } from '../../client/src/index.ts';
import { withoutOwn } from '../../client/src/notifications/without-own.ts';
import { exactVariables } from '../../client/src/react/live-variables.ts';

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
  const client = { urql: { query: () => ({ toPromise }) } as unknown as Client } as LiveClient; // all that is asked of it
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
