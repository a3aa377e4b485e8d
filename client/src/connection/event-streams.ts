import { ViewerDocument } from '../generated/operations.ts';
import { type Address, followStream, postJson, REFUSED } from './event-stream.ts';
import { type Closing, type Link, type LinkEvents, LOST, LOST_LATE, type Result } from './link.ts';
import { nameDocument, sentDocument } from './sent-document.ts';
import { createStreamOperations, type StreamOperations } from './stream-operations.ts';
import { after } from './timer.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

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
  const watchdog = createWatchdog(
    options.heartbeatMs,
    () => undefined, // nothing can be asked: it has some seconds more
    () => (streams.isOpen ? finish(LOST_LATE) : watchdog.received()),
  );
  const streams = createStreams(options, operations, watchdog, finish);

  function finish(closing?: Closing): void {
    if (signal.aborted) return;
    stopWaiting();
    watchdog.stop();
    aborter.abort();
    streams.stop();
    if (closing !== undefined) events.closed(closing);
  }

  const stopWaiting = after(options.connectTimeoutMs, () => finish(LOST));
  askViewer(options, signal).then(
    (closing) => {
      if (signal.aborted) return;
      stopWaiting();
      if (closing === undefined) events.opened();
      else finish(closing);
    },
    () => finish(LOST),
  );

  return {
    transport: 'sse',
    isRenewable: false,
    run(request, sink) {
      const id = operations.add(request, sink);
      streams.change(0);
      return () => {
        if (operations.remove(id) && !signal.aborted) streams.change(operations.isEmpty ? 0 : STOP_MS);
      };
    },
    /** Nothing can be asked, but a silence that is too long shows. */
    check() {
      if (streams.isOpen && watchdog.isOverdue) finish(LOST_LATE);
    },
    close: () => finish(),
  };
}

/** The streams of a link, one after the other. */
function createStreams(
  options: EventStreamOptions,
  operations: StreamOperations,
  watchdog: Watchdog,
  finish: (closing: Closing) => void,
) {
  /** The stream that is open. */
  let current: AbortController | undefined;
  /** The stream that is about to take over. */
  let opening: AbortController | undefined;
  /** Operations have begun or stopped since the last stream was opened. */
  let hasChanged = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopWaiting = (): void => undefined;

  function reopen(): void {
    if (opening !== undefined || !hasChanged) return;
    hasChanged = false;
    if (operations.isEmpty) {
      current?.abort();
      current = undefined;
      return;
    }
    const own = new AbortController();
    const load = operations.load();
    opening = own;
    stopWaiting = after(options.connectTimeoutMs, () => finish(LOST));

    function settled(): void {
      opening = undefined;
      stopWaiting();
      if (hasChanged) reopen();
    }

    function opened(): void {
      if (load.isOutdated()) {
        own.abort();
        hasChanged = true;
      } else {
        current?.abort();
        current = own;
        load.opened();
        watchdog.received();
      }
      settled();
    }

    followStream(options, load.requests, { ...load, opened, received: watchdog.received }, own.signal).then(
      (outcome) => {
        if (own.signal.aborted) return;
        if ('kind' in outcome) return finish(outcome === LOST && watchdog.isOverdue ? LOST_LATE : outcome);
        load.refused(outcome);
        settled();
      },
      () => {
        if (!own.signal.aborted) finish(watchdog.isOverdue ? LOST_LATE : LOST);
      },
    );
  }

  return {
    get isOpen() {
      return current !== undefined;
    },
    change(waitMs: number): void {
      hasChanged = true;
      clearTimeout(timer);
      timer = setTimeout(reopen, waitMs);
    },
    stop(): void {
      stopWaiting();
      clearTimeout(timer);
      opening?.abort();
      current?.abort();
    },
  };
}

/** Whether the server answers this token: `undefined`, or why not. */
async function askViewer(address: Address, signal: AbortSignal): Promise<Closing | undefined> {
  const viewer = { ...sentDocument(nameDocument(ViewerDocument), address.documents), variables: {} };
  const response = await postJson(address, viewer, 'application/json', signal);
  if (response.status === 401) return REFUSED;
  const answer: Result = await response.json();
  return answer.data == null ? LOST : undefined;
}
