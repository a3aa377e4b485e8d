import { stringifyDocument } from '@urql/core';
import { ViewerDocument } from '../generated/operations.ts';
import { type Address, followStream, postJson, REFUSED } from './event-stream.ts';
import {
  type Closing,
  type Fault,
  type Link,
  type LinkEvents,
  type LinkRequest,
  type LinkSink,
  LOST,
  LOST_LATE,
  type Result,
} from './link.ts';
import { after } from './timer.ts';
import { createWatchdog } from './watchdog.ts';

export interface EventStreamOptions extends Address {
  readonly connectTimeoutMs: number;
  /** A stream that is silent for this long, and then for some seconds more, is gone. The server's is never for 12 s. */
  readonly heartbeatMs: number;
}

interface Operation {
  readonly request: LinkRequest;
  readonly sink: LinkSink;
  cursor: string | undefined;
  /** Whether the stream that is open carries it. */
  isCarried: boolean;
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
  const operations = new Map<string, Operation>();
  let count = 0;
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
    const carried = [...operations];
    const requests = carried.map(([id, { request, cursor }]) => [id, { ...request, after: cursor }] as const);

    function settled(): void {
      isOpening = false;
      stopWaiting();
      if (hasChanged) reopen();
    }

    followStream(
      options,
      requests,
      {
        opened() {
          current?.abort();
          current = own;
          for (const [, operation] of carried) operation.isCarried = true;
          watchdog.received();
          settled();
        },
        next(id, result) {
          const operation = operations.get(id);
          if (operation === undefined) return;
          const cursor = result.extensions?.cursor;
          if (typeof cursor === 'string') operation.cursor = cursor;
          operation.sink.next(result);
        },
        position(id, cursor) {
          const operation = operations.get(id);
          if (operation === undefined) return;
          operation.cursor = cursor;
          operation.sink.position(cursor);
        },
        complete: (id) => end(id, []),
        received: watchdog.received,
      },
      own.signal,
    ).then(
      (outcome) => {
        signal.removeEventListener('abort', abort);
        if (own.signal.aborted) return;
        if ('kind' in outcome) return finish(outcome === LOST && watchdog.isOverdue ? LOST_LATE : outcome);
        for (const [id, { isCarried }] of carried) if (!isCarried) end(id, outcome);
        settled();
      },
      () => {
        if (!own.signal.aborted) finish(watchdog.isOverdue ? LOST_LATE : LOST);
      },
    );
  }

  function end(id: string, faults: readonly Fault[]): void {
    const operation = operations.get(id);
    operations.delete(id);
    operation?.sink.ended(faults);
  }

  return {
    transport: 'sse',
    isRenewable: false,
    run(request, sink) {
      count += 1;
      const id = `${count}`;
      operations.set(id, { request, sink, cursor: request.after, isCarried: false });
      change(0);
      return () => {
        if (operations.delete(id) && !signal.aborted) change(operations.size === 0 ? 0 : STOP_MS);
      };
    },
    /** Nothing can be asked, but a silence that is too long shows. */
    check() {
      if (current !== undefined && watchdog.isOverdue) finish(LOST_LATE);
    },
    close: () => finish(),
  };
}

const VIEWER = { query: stringifyDocument(ViewerDocument), variables: {} };

/** Whether the server answers this token: `undefined`, or why not. */
async function askViewer(address: Address, signal: AbortSignal): Promise<Closing | undefined> {
  const response = await postJson(address, VIEWER, 'application/json', signal);
  if (response.status === 401) return REFUSED;
  const answer: Result = await response.json();
  return answer.data == null ? LOST : undefined;
}
