/** Spans of OpenTelemetry: of an event's way through this process, and never of a subscriber or a subscription's life. */

/** The part of `@opentelemetry/api` that is used. The package comes with prom-client; the provider, which keeps spans, is the operator's. */
export interface TracingApi {
  readonly ROOT_CONTEXT: unknown;
  readonly trace: {
    getTracer(name: string): Tracer;
    setSpanContext(context: unknown, spanContext: SpanContext): unknown;
  };
}

interface Tracer {
  startSpan(
    name: string,
    options: { readonly startTime: number; readonly attributes: Readonly<Record<string, string | number>> },
    context: unknown,
  ): { spanContext(): SpanContext; end(endTime: number): void };
}

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
}

/** The trace of one event. Times are of `performance.now()`. */
export interface EventTrace {
  /** An audience's execution began at `from`, and is over now. */
  executed(from: number): void;
  /** It was delivered at `from`, and is written now. */
  written(from: number): void;
}

/** Begins the trace of an event that came in at `receivedAt` and was checked. `undefined`: its publisher asked for none. */
export type TraceEvent = (event: Buffer, kind: string, receivedAt: number) => EventTrace | undefined;

const PACKAGE = '@opentelemetry/api';

/** @throws where the package is not installed. */
export async function loadTracing(name = PACKAGE): Promise<TracingApi> {
  try {
    const api: unknown = await import(name);
    return api as TracingApi; // by its documentation, since version 1
  } catch (error) {
    throw new Error(`TRACING needs the package ${name}: install it beside dms-live, with a provider.`, {
      cause: error,
    });
  }
}

/** Attributes are the kind alone: neither a topic, which has a unit's or a user's id, nor anything of an event's content. */
export function traceEvents(api: TracingApi): TraceEvent {
  const tracer = api.trace.getTracer('dms-live');
  const within = (parent: SpanContext): unknown => api.trace.setSpanContext(api.ROOT_CONTEXT, parent);
  const timeOf = (moment: number): number => performance.timeOrigin + moment;

  function span(name: string, kind: string, from: number, parent: SpanContext): SpanContext {
    const attributes = { 'dms_live.kind': kind };
    const made = tracer.startSpan(name, { startTime: timeOf(from), attributes }, within(parent));
    made.end(timeOf(performance.now()));
    return made.spanContext();
  }

  return (event, kind, receivedAt) => {
    const { traceparent }: { traceparent?: unknown } = JSON.parse(event.toString()); // it was checked: an object
    const cause = readTraceparent(traceparent);
    if (cause === undefined) return undefined;
    const received = span('dms-live receive', kind, receivedAt, cause);
    return {
      executed: (from) => void span('dms-live execute', kind, from, received),
      written: (from) => void span('dms-live write', kind, from, received),
    };
  };
}

/** A `traceparent` of W3C's Trace Context that is sampled. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

function readTraceparent(value: unknown): SpanContext | undefined {
  const [, traceId, spanId, flags] = (typeof value === 'string' && TRACEPARENT.exec(value)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const traceFlags = Number.parseInt(flags, 16);
  return (traceFlags & SAMPLED) === 0 ? undefined : { traceId, spanId, traceFlags, isRemote: true };
}
