/** The plugin by itself, with a schema that is none of ours and without transports that attach. */
import { GraphQLError, parse } from 'graphql';
import { createSchema, createYoga, type Plugin, Repeater } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { createAudience } from '../src/audience.ts';
import { createBatch, createFrame } from '../src/batch.ts';
import { createHistoryBudget } from '../src/history.ts';
import { isShared, Member, type SharedResults, SlowReaderError } from '../src/member.ts';
import type { SharedSubscriptionsOptions } from '../src/options.ts';
import { createSharedSubscriptions } from '../src/shared-subscriptions.ts';
import { createTurn } from '../src/turn.ts';
import { settled } from './settled.ts';

const fail = (error: unknown): void => {
  throw error;
};

interface Tenancy {
  readonly tenant: string;
}

function tenantOf(context: unknown): string {
  if (typeof context !== 'object' || context === null || !('tenant' in context)) throw new Error('no tenant');
  return String(context.tenant);
}

/** A schema with a counter for each tenant, which counts how often it was subscribed to and executed. */
function createForeign(options: Partial<SharedSubscriptionsOptions> = {}, more: Plugin[] = []) {
  const sources = new Map<string, (count: number) => Promise<unknown>>();
  const counts = { sources: 0, executions: 0, stops: 0 };
  const contexts: object[] = [];
  const schema = createSchema<Tenancy>({
    typeDefs: 'type Query { tenant: String } type Subscription { count(from: Int = 0): Int, broken: Int }',
    resolvers: {
      Query: { tenant: (_root, _args, { tenant }) => tenant },
      Subscription: {
        count: {
          subscribe: (_root, { from }: { from: number }, context) =>
            new Repeater<number>(async (push, stop) => {
              counts.sources += 1;
              contexts.push(context);
              sources.set(context.tenant, (count) => Promise.resolve(push(from + count)));
              await stop;
              counts.stops += 1;
            }),
          resolve: (value: number) => {
            counts.executions += 1;
            if (value === 13) throw new Error('unlucky');
            return value;
          },
        },
        broken: {
          subscribe: () => {
            throw new GraphQLError('no source');
          },
        },
      },
    },
  });
  const sharing = createSharedSubscriptions({
    audienceOf: ({ contextValue }) => {
      const tenant = tenantOf(contextValue);
      return { key: tenant, createContext: () => ({ tenant }) };
    },
    ...options,
  });
  const yoga = createYoga<Tenancy>({ schema, plugins: [sharing.plugin, ...more], logging: false });

  async function subscribe(tenant: string, query = 'subscription { count }', variableValues = {}) {
    const context = { tenant };
    const enveloped = yoga.getEnveloped(context);
    const document = enveloped.parse(query);
    return enveloped.subscribe({
      schema,
      document,
      variableValues,
      contextValue: await enveloped.contextFactory(),
    });
  }

  async function follow(tenant: string, query?: string, variableValues?: object): Promise<SharedResults> {
    const outcome = await subscribe(tenant, query, variableValues);
    if (!isShared(outcome)) throw new Error(`not shared but ${JSON.stringify(outcome)}`);
    await settled();
    return outcome;
  }

  return {
    sharing,
    counts,
    contexts,
    subscribe,
    follow,
    yoga,
    push: async (tenant: string, count: number) => {
      void sources.get(tenant)?.(count);
      await settled();
    },
  };
}

describe('the plugin, used alone', () => {
  test('runs one source and one execution for a tenant, whose subscribers iterate as ever', async () => {
    const { follow, push, counts, contexts, sharing } = createForeign();
    const [one, two, other] = [await follow('a'), await follow('a'), await follow('b')];
    expect([counts.sources, sharing.audiences]).toEqual([2, 2]);
    await push('a', 1);
    await push('a', 2);
    await push('b', 7);
    for (const results of [one, two]) {
      expect(await results.next()).toEqual({ done: false, value: { data: { count: 1 } } });
      expect(await results.next()).toEqual({ done: false, value: { data: { count: 2 } } });
    }
    expect(await other.next()).toEqual({ done: false, value: { data: { count: 7 } } });
    expect(counts.executions).toBe(3);
    expect(contexts.map((context) => Reflect.get(context, 'tenant'))).toEqual(['a', 'b']);
  });

  test('serves `for await`, whose end unsubscribes; the last one’s ends the source', async () => {
    const { follow, push, counts, sharing } = createForeign();
    const [one, two] = [await follow('a'), await follow('a')];
    await push('a', 1);
    for (const results of [one, two]) {
      expect(counts.stops).toBe(0);
      for await (const result of results) {
        expect(result).toEqual({ data: { count: 1 } });
        break;
      }
      await settled();
    }
    expect([counts.stops, sharing.audiences]).toEqual([1, 0]);
    expect(await one.next()).toEqual({ done: true, value: undefined });
  });

  test('does not share different variables or documents, and shares again after the last has left', async () => {
    const { follow, counts } = createForeign();
    const query = 'subscription ($from: Int) { count(from: $from) }';
    const all = [
      await follow('a', query, { from: 1 }),
      await follow('a', query, { from: 1 }),
      await follow('a', query, { from: 2 }),
      await follow('a'),
    ];
    expect(counts.sources).toBe(3);
    for (const results of all) await results.return(undefined);
    await settled();
    expect(counts.stops).toBe(3);
    await follow('a');
    expect(counts.sources).toBe(4);
  });

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

  test('leaves alone what has no audience, and queries', async () => {
    const { subscribe, counts, sharing, yoga } = createForeign({ audienceOf: () => undefined });
    const outcomes = [await subscribe('a'), await subscribe('a')];
    for (const outcome of outcomes) {
      if (!(Symbol.asyncIterator in outcome) || isShared(outcome)) throw new Error('shared');
      void outcome.next();
      await settled();
    }
    expect([counts.sources, sharing.audiences]).toEqual([2, 0]);
    const { execute, schema, contextFactory } = yoga.getEnveloped({ tenant: 'a' });
    const contextValue = await contextFactory();
    expect(await execute({ schema, document: parse('{ tenant }'), contextValue })).toEqual({
      data: { tenant: 'a' },
    });
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

describe('admission', () => {
  test('refuses with an error, before anything is opened', async () => {
    const { subscribe, counts } = createForeign({ admit: () => new GraphQLError('full') });
    expect(await subscribe('a')).toMatchObject({ errors: [{ message: 'full' }] });
    expect(counts.sources).toBe(0);
  });

  test('releases each once: who leaves, who is refused by the source, and who is ended', async () => {
    const ends: ((error?: GraphQLError) => void)[] = [];
    let held = 0;
    const { follow, subscribe, sharing } = createForeign({
      admit(_args, end) {
        held += 1;
        ends.push(end);
        return () => {
          held -= 1;
        };
      },
    });
    const [leaving, ended, quiet, staying] = [
      await follow('a'),
      await follow('a'),
      await follow('a'),
      await follow('a'),
    ];
    await subscribe('a', 'subscription { broken }');
    expect(held).toBe(4);
    await leaving.return(undefined);
    await leaving.return(undefined);
    const parked = ended.next();
    ends[1]?.(new GraphQLError('revoked'));
    await expect(parked).rejects.toThrow('revoked');
    ends[1]?.(new GraphQLError('again'));
    ends[2]?.();
    expect(await quiet.next()).toEqual({ done: true, value: undefined });
    expect([held, sharing.audiences]).toEqual([1, 1]);
    await staying.return(undefined);
    await settled();
    expect([held, sharing.audiences]).toEqual([0, 0]);
  });

  test.each([false, true])(
    'who is ended as it is admitted gets nothing and holds nothing (others there: %s)',
    async (others) => {
      let held = 0;
      let isOver = false;
      const { follow, subscribe, push, sharing } = createForeign({
        admit(_args, end) {
          held += 1;
          if (isOver) end(new GraphQLError('over'));
          return () => {
            held -= 1;
          };
        },
      });
      const other = others ? await follow('a') : undefined;
      isOver = true;
      const outcome = await subscribe('a');
      const told = Symbol.asyncIterator in outcome ? outcome.next() : Promise.reject(outcome.errors?.[0]);
      await expect(told).rejects.toThrow('over');
      await settled();
      expect([held, sharing.audiences]).toEqual(others ? [1, 1] : [0, 0]);
      await push('a', 1);
      if (other !== undefined) expect(await other.next()).toMatchObject({ value: { data: { count: 1 } } });
    },
  );
});

test('a member that joins just as the last one leaves gets what comes', async () => {
  const { follow, subscribe, push } = createForeign();
  const last = await follow('a');
  const joining = subscribe('a');
  await last.return(undefined);
  const joined = await joining;
  await settled();
  await push('a', 1);
  if (!isShared(joined)) throw new Error('not shared');
  expect(await joined.next()).toEqual({ done: false, value: { data: { count: 1 } } });
});

describe('a member', () => {
  const frame = (count: number) => createFrame({ data: { count } }, undefined, (result) => result);
  const batch = (...counts: number[]) => createBatch(counts.map(frame), false);
  const memberOf = (maxWaiting: number, onLeave: () => void = () => undefined) =>
    new Member({ maxWaiting, onLeave, cursorOf: () => undefined });

  test('settles a pending next() when it is returned, and knows nothing afterwards', async () => {
    const member = memberOf(10);
    const pending = member.next();
    await member.return();
    expect(await pending).toEqual({ done: true, value: undefined });
    member.deliver(batch(1));
    expect(await member.next()).toEqual({ done: true, value: undefined });
  });

  test('gives what came before its end, then the error, once', async () => {
    const member = memberOf(10);
    member.deliver(batch(1, 2));
    member.close(new Error('gone'));
    expect([await member.next(), await member.next()]).toMatchObject([
      { value: { data: { count: 1 } } },
      { value: { data: { count: 2 } } },
    ]);
    await expect(member.next()).rejects.toThrow('gone');
    expect(await member.next()).toEqual({ done: true, value: undefined });
  });

  test('answers several pending next() in order, as generators do', async () => {
    const member = memberOf(10);
    const pending = [member.next(), member.next(), member.next()];
    member.deliver(batch(1, 2));
    await member.return();
    expect(await Promise.all(pending)).toMatchObject([
      { value: { data: { count: 1 } } },
      { value: { data: { count: 2 } } },
      { done: true },
    ]);
  });

  test('that reads too slowly is ended, and leaves', async () => {
    let hasLeft = false;
    const member = memberOf(2, () => {
      hasLeft = true;
    });
    member.deliver(batch(1, 2));
    expect(hasLeft).toBe(false);
    member.deliver(batch(3));
    expect(hasLeft).toBe(true);
    await expect(member.next()).rejects.toThrow(SlowReaderError);
  });

  test('hands to a sink what came before it was attached, then everything, and parks its iterator', async () => {
    const member = memberOf(1);
    const got: unknown[] = [];
    member.deliver(batch(1));
    member.attach({
      deliver: ({ frames }) => void got.push(...frames.map(({ result }) => result.data?.['count'])),
      room: () => undefined,
      endSlow: () => undefined,
    });
    const parked = member.next();
    member.deliver(batch(2, 3, 4));
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
  const { join } = createAudience({
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
    join(() => undefined).attach({
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
