import { PassThrough, type Readable } from 'node:stream';
import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import {
  type Bytes,
  type Frame,
  type Position,
  type SharedResults,
  type Sink,
  type Turn,
  toBytes,
} from 'yoga-shared-subscriptions';
import type { Session } from '../auth/session.ts';
import type { Past } from '../graphql/context.ts';
import { formatResult } from '../graphql/format.ts';
import { sendAway } from './drain.ts';
import { COMMENT, EVENT_STREAM_HEADERS, endOf, KEEP_ALIVE_MS, outletTo, retryHint } from './event-stream.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { UserConnections } from './presence.ts';
import type { ServerContext } from './server-context.ts';
import { WRITE_BUFFER_BYTES } from './write-buffer.ts';

/** What a request has subscribed to. */
interface Adopted {
  readonly results: SharedResults;
  readonly past: Past | undefined;
}

/** A stream that runs. */
interface OpenStream {
  /** How many bytes wait for its client. */
  pendingBytes(): number;
  readonly results: SharedResults;
  readonly session: Session | undefined;
  sendPosition(): void;
  /** Ends it, with a hint when to come back. */
  sendElsewhere(): Promise<void>;
}

type StreamContext = Pick<ServerContext, 'res' | 'session'>;

const COMPLETE = 'event: complete\ndata:\n\n';

export interface EventStreamOptions {
  readonly turn: Turn;
  /** How much may wait for a client, in bytes; a slower one is cut off, and reconnects. */
  readonly maxOutboxBytes: number;
  /** Turns what ended a subscription into what its client may know. */
  readonly maskError: (error: unknown) => GraphQLError;
  /** A subscription was ended by an error. For metrics. */
  readonly onErrors: (errors: readonly GraphQLError[]) => void;
  /** A client was too slow. */
  readonly onSlow: () => void;
}

export interface EventStreams extends UserConnections {
  readonly plugin: Plugin<object, StreamContext>;
  /** Takes over what a request has subscribed to. */
  adopt(request: Request, results: SharedResults, past: Past | undefined): void;
  readonly count: number;
  /** How many bytes wait for clients to read. */
  readonly outboxBytes: number;
  /** Ends every stream, one after the other, with a hint when to come back. */
  close(patienceMs: number): Promise<void>;
}

const deliverTo =
  (outbox: Outbox): Sink['deliver'] =>
  (batch) => {
    const bytes = batch.encode(encodeEvents);
    if (batch.isNewestOnly) outbox.addNewest('sse', bytes);
    else outbox.add(bytes);
  };

/** GraphQL over SSE, distinct connections mode: an audience's frames go to the response as they are. */
export function createEventStreams(options: EventStreamOptions): EventStreams {
  const adopted = new WeakMap<Request, Adopted>();
  const open = new Set<OpenStream>();
  const timer = setInterval(() => {
    for (const { sendPosition } of open) sendPosition();
  }, KEEP_ALIVE_MS);

  function stream({ results, past }: Adopted, { res: response, session }: StreamContext): Readable {
    const body = new PassThrough({
      highWaterMark: WRITE_BUFFER_BYTES,
      destroy: (_error, done) => leave(done),
    });
    const outlet = outletTo(body, {
      pendingBytes: () => body.writableLength + body.readableLength + (response?.writableLength ?? 0),
      endFailed() {
        response?.destroy();
        body.destroy();
      },
      onSlow: options.onSlow,
    });
    const outbox = createOutbox(outlet, options.maxOutboxBytes, options.turn);
    body.on('drain', () => outbox.drained());

    function leave(done: () => void): void {
      open.delete(opened);
      void results.return(undefined);
      done();
    }

    function finish(lastWords: string): void {
      if (!open.delete(opened)) return;
      outbox.flush();
      if (body.destroyed) return;
      body.end(lastWords);
    }

    const opened: OpenStream = {
      pendingBytes: () => outlet.pendingBytes,
      results,
      session,
      sendPosition() {
        if (outlet.isCongested) return;
        outbox.add(toBytes(describePosition(results))); // after all the results that it stands for
        outbox.flush();
      },
      async sendElsewhere() {
        // Not `complete`, which would say that there is nothing more.
        finish(retryHint());
        if (response !== undefined) await endOf(response);
      },
    };
    open.add(opened);
    if (past !== undefined) outbox.add(toBytes(`past: ${past.ms} ${past.now}\n\n`));
    results.attach({
      deliver: deliverTo(outbox),
      room: () => outbox.room(),
      endSlow: outlet.endSlow,
    });
    opened.sendPosition(); // also since some browsers wait for the first byte
    // Parked: it settles when the subscription is over.
    results.next().then(
      () => finish(COMPLETE),
      (error: unknown) => {
        const masked = options.maskError(error);
        options.onErrors([masked]);
        finish(describeEnd(masked) + COMPLETE);
      },
    );
    return body;
  }

  return {
    plugin: {
      onResultProcess({ request, serverContext, setResultProcessor }) {
        const found = adopted.get(request);
        if (found === undefined) return;
        setResultProcessor((_result, { Response }) => {
          const body = stream(found, serverContext);
          // Yoga's Response takes a Node stream and pipes it; the standard's types do not know that.
          return new Response(body as unknown as ReadableStream, { headers: EVENT_STREAM_HEADERS });
        }, 'text/event-stream');
      },
    },
    *ofUser(userId) {
      for (const { session, results } of open)
        if (session?.identity.viewer.id === userId) yield { session, results: [results] };
    },
    adopt: (request, results, past) => void adopted.set(request, { results, past }),
    get count() {
      return open.size;
    },
    get outboxBytes() {
      return [...open].reduce((sum, { pendingBytes }) => sum + pendingBytes(), 0);
    },
    async close(patienceMs) {
      clearInterval(timer);
      await sendAway(open, ({ sendElsewhere }) => sendElsewhere(), patienceMs);
    },
  };
}

/** An `id` without data: no event, but the browser sends it as Last-Event-ID when it reconnects. */
function describePosition(results: SharedResults): string {
  const cursor = results.cursor();
  return cursor === undefined ? COMMENT : `id: ${cursor}\n\n`;
}

function encodeEvents(frames: readonly Frame[]): Bytes {
  return frames.map(({ json, position }) => `${idOf(position)}event: next\ndata: ${json}\n\n`).join('');
}

function idOf(position: Position | undefined): Bytes {
  return position === undefined ? '' : `id: ${position.cursor}\n`;
}

function describeEnd(error: GraphQLError): string {
  return `event: next\ndata: ${JSON.stringify(formatResult({ errors: [error] }))}\n\n`;
}
