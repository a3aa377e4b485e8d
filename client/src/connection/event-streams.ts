import { stringifyDocument } from '@urql/core';
import { ViewerDocument } from '../generated/operations.ts';
import { type Address, followStream, postGraphQL, REFUSED } from './event-stream.ts';
import { type Closing, type Link, type LinkEvents, LOST, LOST_LATE, type Result } from './link.ts';
import { after } from './timer.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

export interface EventStreamOptions extends Address {
  readonly connectTimeoutMs: number;
  /** A stream that is silent for this long, and then for some seconds more, is gone. The server's is never for 12 s. */
  readonly heartbeatMs: number;
}

/**
 * A link of event streams: GraphQL over SSE in distinct connections mode, so a stream for each operation. It is open once the
 * server has answered who the viewer is. When one stream breaks, all of it closes: what broke it concerns the others too.
 */
export function openEventStreams(options: EventStreamOptions, events: LinkEvents): Link {
  const aborter = new AbortController();
  const watchdogs = new Set<Watchdog>();
  const { signal } = aborter;

  function finish(closing?: Closing): void {
    if (signal.aborted) return;
    stopWaiting();
    aborter.abort();
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
      const own = new AbortController();
      const stop = (): void => own.abort();
      signal.addEventListener('abort', stop);
      const watchdog: Watchdog = createWatchdog(
        options.heartbeatMs,
        () => undefined, // nothing can be asked: it has some seconds more
        () => finish(LOST_LATE),
      );
      watchdogs.add(watchdog);
      const end = (closing: Closing | undefined): void => {
        watchdog.stop();
        watchdogs.delete(watchdog);
        signal.removeEventListener('abort', stop);
        if (closing === undefined || own.signal.aborted) return;
        finish(closing === LOST && watchdog.isOverdue ? LOST_LATE : closing);
      };
      followStream(options, request, sink, watchdog.received, own.signal).then(end, () => end(LOST));
      return stop;
    },
    /** Nothing can be asked, but a silence that is too long shows. */
    check() {
      if ([...watchdogs].some(({ isOverdue }) => isOverdue)) finish(LOST_LATE);
    },
    close: () => finish(),
  };
}

const VIEWER = { query: stringifyDocument(ViewerDocument), variables: {} };

/** Whether the server answers this token: `undefined`, or why not. */
async function askViewer(address: Address, signal: AbortSignal): Promise<Closing | undefined> {
  const response = await postGraphQL(address, VIEWER, 'application/json', signal);
  if (response.status === 401) return REFUSED;
  const answer: Result = await response.json();
  return answer.data == null ? LOST : undefined;
}
