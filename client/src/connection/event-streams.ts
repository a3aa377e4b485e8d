import { stringifyDocument } from '@urql/core';
import { ViewerDocument } from '../generated/operations.ts';
import { type Address, followStream, postJson, REFUSED, type StreamListener } from './event-stream.ts';
import { type Closing, type Link, type LinkEvents, LOST, LOST_LATE, type Result } from './link.ts';
import { createStreamOperations, type StreamOperations } from './stream-operations.ts';
import { after } from './timer.ts';
import { createWatchdog } from './watchdog.ts';

export interface EventStreamOptions extends Address {
  readonly connectTimeoutMs: number;
  /** A stream that is silent for this long, and then for some seconds more, is gone. The server's is never for 12 s. */
  readonly heartbeatMs: number;
}

/** How long a stream goes on with an operation that was stopped, in milliseconds: perhaps others begin or stop soon. */
const STOP_MS = 1000;

/**
 * A link of one event stream for all operations. It is open once the server has answered who the viewer is. When operations begin or
 * stop, another stream with those there are now takes over, each after its cursor: so any process of the server can serve it.
 */
export function openEventStreams(options: EventStreamOptions, events: LinkEvents): Link {
  const aborter = new AbortController();
  const { signal } = aborter;
  const operations = createStreamOperations();
  /** The stream that is open. */
  let current: AbortController | undefined;
  let isOpening = false;
  /** Operations have begun or stopped since the last stream was opened. */
  let hasChanged = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watchdog = createWatchdog(
    options.heartbeatMs,
    () => undefined, // nothing can be asked: it has some seconds more
    () => (current === undefined ? watchdog.received() : finish(LOST_LATE)),
  );

  function finish(closing?: Closing): void {
    if (signal.aborted) return;
    stopWaiting();
    clearTimeout(timer);
    watchdog.stop();
    aborter.abort();
    current?.abort();
    if (closing !== undefined) events.closed(closing);
  }

  let stopWaiting = after(options.connectTimeoutMs, () => finish(LOST));
  askViewer(options, signal).then(
    (closing) => {
      if (signal.aborted) return;
      stopWaiting();
      if (closing === undefined) events.opened();
      else finish(closing);
    },
    () => finish(LOST),
  );

  function change(waitMs: number): void {
    hasChanged = true;
    clearTimeout(timer);
    timer = setTimeout(reopen, waitMs);
  }

  function reopen(): void {
    if (isOpening || !hasChanged) return;
    hasChanged = false;
    if (operations.size === 0) {
      current?.abort();
      current = undefined;
      return;
    }
    isOpening = true;
    const own = new AbortController();
    const abort = (): void => own.abort();
    signal.addEventListener('abort', abort);
    stopWaiting = after(options.connectTimeoutMs, () => finish(LOST));

    function settled(): void {
      isOpening = false;
      stopWaiting();
      if (hasChanged) reopen();
    }

    const stream = carry(options, own.signal, operations, {
      opened() {
        current?.abort();
        current = own;
        watchdog.received();
        settled();
      },
      received: watchdog.received,
    });
    void stream.then((closing) => {
      signal.removeEventListener('abort', abort);
      if (own.signal.aborted) return;
      if (closing === undefined) settled();
      else finish(closing === LOST && watchdog.isOverdue ? LOST_LATE : closing);
    });
  }

  return {
    transport: 'sse',
    isRenewable: false,
    run(request, sink) {
      const id = operations.add(request, sink);
      change(0);
      return () => {
        if (operations.remove(id) && !signal.aborted) change(operations.size === 0 ? 0 : STOP_MS);
      };
    },
    /** Nothing can be asked, but a silence that is too long shows. */
    check() {
      if (current !== undefined && watchdog.isOverdue) finish(LOST_LATE);
    },
    close: () => finish(),
  };
}

/**
 * Runs all operations over one stream, until it ends. Returns why the link should close; `undefined`: the server has refused the
 * operations, and they have ended.
 */
async function carry(
  address: Address,
  signal: AbortSignal,
  operations: StreamOperations,
  events: Pick<StreamListener, 'opened' | 'received'>,
): Promise<Closing | undefined> {
  const carried = operations.all();
  const requests = carried.map(([id, { request, cursor }]) => [id, { ...request, after: cursor }] as const);
  const listener: StreamListener = {
    ...operations.listener,
    received: events.received,
    opened() {
      for (const [, operation] of carried) operation.isCarried = true;
      events.opened();
    },
  };
  const outcome = await followStream(address, requests, listener, signal).catch(() => LOST);
  if ('kind' in outcome) return outcome;
  if (!signal.aborted) for (const [id, { isCarried }] of carried) if (!isCarried) operations.end(id, outcome);
  return undefined;
}

const VIEWER = { query: stringifyDocument(ViewerDocument), variables: {} };

/** Whether the server answers this token: `undefined`, or why not. */
async function askViewer(address: Address, signal: AbortSignal): Promise<Closing | undefined> {
  const response = await postJson(address, VIEWER, 'application/json', signal);
  if (response.status === 401) return REFUSED;
  const answer: Result = await response.json();
  return answer.data == null ? LOST : undefined;
}
