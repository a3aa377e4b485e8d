/** Yoga’s mask does not look at the results of subscriptions that are shared: their errors are masked where the results are made. */
import { type ExecutionResult, isObjectType, parse } from 'graphql';
import { expect, test } from 'vitest';
import { readSource } from '../../packages/sharing/src/pushing.ts';
import { LiveError } from '../../src/errors.ts';
import type { SharedScope } from '../../src/graphql/context.ts';
import { createSubscribe } from '../../src/graphql/execute-events.ts';
import { createErrorMask } from '../../src/graphql/mask-error.ts';
import { createLogger } from '../../src/log.ts';
import type { SourceEvent } from '../../src/topics/source-event.ts';
import { createSourceReader } from '../../src/topics/source-reader.ts';
import { createSchemaOnly } from '../support/schema.ts';

const UNEXPECTED = new Error('connect ECONNREFUSED 10.0.0.7');
const EXPECTED = new LiveError('SERVICE_UNAVAILABLE', 'Try again in a moment.');
const MASKED = {
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
  message: expect.stringMatching(/^Something/),
};
const PASSED = { extensions: { code: 'SERVICE_UNAVAILABLE' }, message: EXPECTED.message };
const FAULTS = [
  [UNEXPECTED, MASKED],
  [EXPECTED, PASSED],
] as const;

/** The one is compiled; the other is not, since its field has a resolver of its own. */
const PLAIN = 'subscription { storageUpdated { id } }';
const OTHER = 'subscription { storageUpdated { action } }';

interface Faults {
  readonly opening?: Error;
  /** What the resolver of OTHER does. */
  readonly field?: () => unknown;
}

/** A subscription to storage, and all that comes of it. */
async function subscribeTo(text: string, { opening, field }: Faults = {}) {
  const schema = createSchemaOnly();
  const waiting: SourceEvent[] = [];
  const reader = createSourceReader(
    () => waiting.shift(),
    () => undefined,
  );
  const subscribed = schema.getSubscriptionType()?.getFields()['storageUpdated'];
  const type = schema.getType('StorageEvent');
  if (subscribed === undefined || !isObjectType(type)) throw new Error('the schema has storage');
  subscribed.subscribe = () => {
    if (opening !== undefined) throw opening;
    return reader.events;
  };
  const { action } = type.getFields();
  if (action !== undefined) action.resolve = () => field?.() ?? 'CREATED';
  const audience: SharedScope = {
    scope: { unitId: '5', isAdmin: false, isAuditor: false },
    signal: new AbortController().signal,
    undelivered: [],
  };
  const subscribe = createSubscribe(createErrorMask(createLogger('silent')));
  const source = await subscribe({ schema, document: parse(text), contextValue: { audience } });
  const got: unknown[] = [];
  if (!(Symbol.asyncIterator in source)) return { got: [source] };
  const over = new Promise<void>((resolve) => {
    readSource(source, {
      take: (result: ExecutionResult) => void got.push(result),
      end: resolve,
      fail(error) {
        got.push(error);
        resolve();
      },
    });
  });
  return {
    got,
    publish(id: string | null) {
      const data = { id } as SourceEvent['data']; // as it is where the validator has a fault
      waiting.push({ data, time: null, position: undefined, receivedAt: undefined, trace: undefined });
      reader.settle();
    },
    async fail(error: Error) {
      reader.fail(error);
      await over;
    },
  };
}

test.each([PLAIN, OTHER])('what a source cannot be opened for: %s', async (text) => {
  for (const [opening, error] of FAULTS)
    expect((await subscribeTo(text, { opening })).got).toMatchObject([{ errors: [error] }]);
});

test.each([PLAIN, OTHER])('what a source fails of, after the events before it: %s', async (text) => {
  for (const [fault, error] of FAULTS) {
    const { got, publish, fail } = await subscribeTo(text);
    publish?.('1');
    await fail?.(fault);
    expect(got).toMatchObject([{ data: { storageUpdated: {} } }, error]);
  }
});

test.each([
  ['data that breaks the schema', PLAIN, {}],
  ['a resolver that throws', OTHER, { field: () => thrown(UNEXPECTED) }],
  ['a resolver that rejects', OTHER, { field: () => Promise.reject(UNEXPECTED) }],
])('a result: %s', async (_what, text, faults) => {
  const { got, publish, fail } = await subscribeTo(text, faults);
  publish?.(null);
  await fail?.(EXPECTED); // it comes after the result
  expect(got).toMatchObject([{ errors: [MASKED] }, PASSED]);
});

function thrown(error: Error): never {
  throw error;
}
