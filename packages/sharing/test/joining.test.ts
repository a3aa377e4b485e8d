/** The plugin by itself, with a schema that is none of ours and without transports that attach. */
import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { isShared } from '../src/member.ts';
import type { Receiver } from '../src/pushing.ts';
import { createForeign } from './foreign.ts';
import { settled } from './settled.ts';

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

  test('lets a transport subscribe without the other plugins, and shares that with everybody else', async () => {
    const { follow, push, counts, sharing, yoga } = createForeign();
    const args = {
      schema: yoga.getEnveloped({}).schema,
      document: parse('subscription { count }'),
      variableValues: {},
      contextValue: { tenant: 'a' },
    };
    const first = await sharing.subscribe(args); // opens the source
    const second = await follow('a');
    const third = await sharing.subscribe(args); // joins at once
    await push('a', 1);
    for (const results of [first, second, third]) {
      if (results === undefined || !isShared(results)) throw new Error('not shared');
      expect(await results.next()).toEqual({ done: false, value: { data: { count: 1 } } });
    }
    expect([counts.sources, counts.executions]).toEqual([1, 1]);
    expect(createForeign({ audienceOf: () => undefined }).sharing.subscribe(args)).toBeUndefined();
  });

  async function* waiting() {
    yield { data: { count: 1 } };
    yield { data: { count: 2 } };
  }

  /** The same, pushed all at once. */
  function pushing() {
    const pushTo = ({ take, end }: Receiver<ExecutionResult>): void => {
      for (const count of [1, 2]) void take({ data: { count } });
      end();
    };
    return Object.assign(waiting(), { pushTo });
  }

  test.each([
    ['asked for its results', waiting],
    ['one that pushes them', pushing],
  ])('gives its first subscriber what a source has before that one has joined: %s', async (_how, source) => {
    const { follow } = createForeign(
      {
        resuming: {
          cursorOf: () => undefined,
          resultPosition: () => undefined,
          sourcePosition: () => undefined,
          prepare: () => Promise.reject(new Error('no cursor was sent')),
          async preparePast() {
            await settled(); // reads how far the past reaches, for example
            return undefined;
          },
        },
      },
      [{ onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(async () => source()) }],
    );
    const results = await follow('a');
    for (const count of [1, 2])
      expect(await results.next()).toEqual({ done: false, value: { data: { count } } });
    expect(await results.next()).toEqual({ done: true, value: undefined });
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
});

describe('admission', () => {
  test('refuses with an error, before anything is opened', async () => {
    const { subscribe, counts } = createForeign({ admit: () => new GraphQLError('full') });
    expect(await subscribe('a')).toMatchObject({ errors: [{ message: 'full' }] });
    expect(counts.sources).toBe(0);
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
      const first = Symbol.asyncIterator in outcome ? outcome.next() : Promise.reject(outcome.errors?.[0]);
      await expect(first).rejects.toThrow('over');
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
