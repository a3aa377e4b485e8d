/** The plugin by itself, with a schema that is none of ours and without transports that attach. */
import { type Plugin, Repeater } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { createAudience } from '../src/audience.ts';
import { createHistoryBudget } from '../src/history.ts';
import { createTurn } from '../src/turn.ts';
import { createForeign } from './foreign.ts';
import { batchOf, memberOf } from './members.ts';
import { settled } from './settled.ts';

const fail = (error: unknown): void => {
  throw error;
};

describe('the plugin, used alone', () => {
  test('lets plugins after it see each result once, and those before it each subscriber', async () => {
    const seen: string[] = [];
    const spy: Plugin = {
      onSubscribe: () => ({
        onSubscribeResult: () => ({ onNext: ({ result }) => void seen.push(JSON.stringify(result)) }),
      }),
    };
    const { follow, push } = createForeign({}, [spy]);
    const both = [await follow('a'), await follow('a')];
    await push('a', 1);
    for (const results of both) await results.next();
    expect(seen).toEqual(['{"data":{"count":1}}']);
  });

  test('passes on the errors of fields and of sources', async () => {
    const { follow, subscribe, push, sharing } = createForeign();
    const results = await follow('a');
    await push('a', 13);
    expect(await results.next()).toMatchObject({
      value: { data: { count: null }, errors: [{ path: ['count'] }] },
    });
    expect(await subscribe('a', 'subscription { broken }')).toMatchObject({
      errors: [{ message: 'no source' }],
    });
    expect(sharing.audiences).toBe(1);
  });

  test('serves Yoga’s own event streams', async () => {
    const { yoga, push, sharing } = createForeign();
    const response = await yoga.fetch(
      'http://localhost/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { count }' }),
      },
      { tenant: 'a' },
    );
    const reader = response.body?.getReader();
    await settled();
    await push('a', 5);
    let text = '';
    while (!text.includes('"count":5')) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text).toContain('event: next\ndata: {"data":{"count":5}}\n\n');
    await reader?.cancel();
    await settled();
    expect(sharing.audiences).toBe(0);
  });

  test('delivers only the newest where the options say so', async () => {
    const { follow, push } = createForeign({ deliveryOf: () => ({ newestEveryMs: 3_600_000 }) });
    const first = await follow('a');
    for (const count of [1, 2, 3]) await push('a', count);
    const late = await follow('a');
    expect(await first.next()).toMatchObject({ value: { data: { count: 1 } } });
    expect(await late.next()).toMatchObject({ value: { data: { count: 3 } } });
    await first.return(undefined);
    await late.return(undefined);
  });
});

describe('a member', () => {
  test('answers several pending next() in order, as generators do', async () => {
    const member = memberOf(10);
    const pending = [member.next(), member.next(), member.next()];
    member.deliver(batchOf(1, 2));
    await member.return();
    expect(await Promise.all(pending)).toMatchObject([
      { value: { data: { count: 1 } } },
      { value: { data: { count: 2 } } },
      { done: true },
    ]);
  });

  test('hands to a sink what came before it was attached, then everything, and parks its iterator', async () => {
    const member = memberOf(1);
    const got: unknown[] = [];
    member.deliver(batchOf(1));
    member.attach({
      deliver: ({ frames }) => void got.push(...frames.map(({ result }) => result.data?.['count'])),
      room: () => undefined,
      endSlow: () => undefined,
    });
    const parked = member.next();
    member.deliver(batchOf(2, 3, 4));
    expect(got).toEqual([1, 2, 3, 4]);
    member.close(undefined);
    expect(await parked).toEqual({ done: true, value: undefined });
  });
});

test('an audience delivers the results of one turn in one batch, and a member that joins amid it gets only what comes after', async () => {
  let push: (count: number) => void = () => undefined;
  const source = new Repeater<{ data: { count: number } }, undefined>(async (pushNext, stop) => {
    push = (count) => void pushNext({ data: { count } });
    await stop;
  });
  const audience = createAudience({
    context: {},
    source: iterate(source),
    delivery: { every: true },
    maxWaiting: 10,
    partBytes: 1000,
    historyBudget: createHistoryBudget(),
    resultPosition: () => undefined,
    sourcePosition: () => undefined,
    toWire: (result) => result,
    turn: createTurn(fail),
    isAwaited: () => false,
    onEmpty: () => undefined,
    onExecuted: () => undefined,
    onDelivered: () => undefined,
  });
  const batches: (unknown[] | string)[] = [];
  const attach = (name: string): void =>
    audience
      .join(() => undefined)
      .attach({
        deliver: ({ frames }) =>
          void batches.push([name, ...frames.map(({ result }) => result.data?.['count'])]),
        room: () => undefined,
        endSlow: () => undefined,
      });
  attach('first');
  push(1);
  push(2);
  for (let tick = 0; tick < 50; tick += 1) await Promise.resolve();
  expect(batches).toEqual([]); // the turn is not over
  attach('late');
  push(3);
  await settled();
  expect(batches).toEqual([
    ['first', 1, 2],
    ['first', 3],
    ['late', 3],
  ]);
});

async function* iterate<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
