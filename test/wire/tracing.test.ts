/** With TRACING an event's way through the server is a few spans of the trace that caused it, however many subscribers there are. */
import { expect, test } from 'vitest';
import { loadTracing, type SpanContext, type TracingApi } from '../../src/tracing.ts';
import { useApp } from '../support/app.ts';
import { useSignedInRawClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CAUSE = '00f067aa0ba902b7';
const STORAGE = 'subscription { storageUpdated { id } }';

interface Span {
  readonly name: string;
  readonly parent: SpanContext | undefined;
  readonly own: SpanContext;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly startTime: number;
  endTime: number | undefined;
}

/** The part of OpenTelemetry's API that the server uses, with a provider that keeps all spans. */
function createProvider(): { readonly api: TracingApi; readonly spans: Span[] } {
  const spans: Span[] = [];
  const parents = new WeakMap<object, SpanContext>();
  const api: TracingApi = {
    ROOT_CONTEXT: {},
    trace: {
      setSpanContext(_context, spanContext) {
        const context = {};
        parents.set(context, spanContext);
        return context;
      },
      getTracer: () => ({
        startSpan(name, { startTime, attributes }, context) {
          const parent = typeof context === 'object' && context !== null ? parents.get(context) : undefined;
          const traceId = parent?.traceId ?? 'none';
          const own = { traceId, spanId: `${spans.length + 1}`, traceFlags: 1 };
          const span: Span = { name, parent, own, attributes, startTime, endTime: undefined };
          spans.push(span);
          return {
            spanContext: () => own,
            end(endTime) {
              span.endTime = endTime;
            },
          };
        },
      }),
    },
  };
  return { api, spans };
}

/** Two subscribers of one audience and one of another; the server has written what it published when this resolves. */
async function useScene(settings: Record<string, string>) {
  const { api, spans } = createProvider();
  const app = await useApp(settings, { tracing: api });
  const documents = [STORAGE, STORAGE, 'subscription { storageUpdated { id action } }'];
  const clients = await Promise.all(
    documents.map(async (query) => {
      const client = await useSignedInRawClient(app, await people.head());
      client.send({ id: '1', type: 'subscribe', payload: { query } });
      await client.nextPing();
      return client;
    }),
  );
  async function publish(event: object): Promise<void> {
    await app.bus.publish('dms:storage:unit:5', JSON.stringify({ ...messages.storage(), ...event }));
    for (const client of clients) expect(await client.next()).toMatchObject({ type: 'next' });
  }
  return { spans, publish };
}

test('an event is received once, executed and written once for each audience, within the trace that caused it', async () => {
  const { spans, publish } = await useScene({ TRACING: 'true' });
  const before = Date.now();
  await publish({ traceparent: `00-${TRACE}-${CAUSE}-01` });
  expect(spans.map(({ name }) => name).toSorted()).toEqual([
    'dms-live execute',
    'dms-live execute',
    'dms-live receive',
    'dms-live write',
    'dms-live write',
  ]);
  const [received] = spans;
  expect(received).toMatchObject({
    name: 'dms-live receive',
    parent: { traceId: TRACE, spanId: CAUSE, isRemote: true },
  });
  for (const { parent } of spans.slice(1)) expect(parent).toBe(received?.own);
  for (const { startTime, endTime = 0, attributes } of spans) {
    expect(startTime).toBeGreaterThan(before - 1000);
    expect(endTime).toBeGreaterThanOrEqual(startTime);
    expect(endTime).toBeLessThan(Date.now() + 1000);
    expect(attributes).toEqual({ 'dms_live.kind': 'storage' });
  }
});

test.each<[why: string, traceparent: unknown]>([
  ['none', undefined],
  ['one that is not sampled', `00-${TRACE}-${CAUSE}-00`],
  ['one without a trace', `00-${'0'.repeat(32)}-${CAUSE}-01`],
  ['one that is not text', 5],
  ['another text', 'x'.repeat(5000)],
])('an event with %s as its traceparent is delivered without a span', async (_why, traceparent) => {
  const { spans, publish } = await useScene({ TRACING: 'true' });
  await publish({ traceparent });
  expect(spans).toEqual([]);
});

test('without TRACING there are no spans', async () => {
  const { spans, publish } = await useScene({});
  await publish({ traceparent: `00-${TRACE}-${CAUSE}-01` });
  expect(spans).toEqual([]);
});

test('TRACING without the package does not start, and says what to install', async () => {
  await expect(loadTracing('@opentelemetry/nothing')).rejects.toThrow('install it beside dms-live');
});
