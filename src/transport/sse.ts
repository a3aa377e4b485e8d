import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Frame } from '../delivery/batch.ts';
import { BYTES, type Bytes } from '../delivery/bytes.ts';
import type { SharedResults } from '../delivery/member.ts';
import { createOutbox, type Outlet } from '../delivery/outbox.ts';
import type { Turn } from '../delivery/turn.ts';
import { formatResult } from '../graphql/format.ts';

/** How often an idle stream shows that it is alive, in milliseconds. */
const KEEP_ALIVE_MS = 12_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // nginx would hold events back
};

const COMMENT = Buffer.from(':\n\n');
const COMPLETE = 'event: complete\ndata:\n\n';

export interface EventStreamOptions {
  readonly turn: Turn;
  /** How much may wait for a client, in bytes; a slower one is cut off, and reconnects. */
  readonly maxOutboxBytes: number;
  /** Turns what ended a subscription into what its client may know. */
  readonly maskError: (error: unknown) => GraphQLError;
  /** A client was too slow. */
  readonly onSlow: () => void;
}

export interface EventStreams {
  readonly plugin: Plugin<object, { readonly res?: ServerResponse }>;
  /** Takes over what a request has subscribed to. */
  adopt(request: Request, results: SharedResults): void;
  readonly count: number;
  close(): void;
}

/** GraphQL over SSE, distinct connections mode: an audience's frames go to the response as they are. */
export function createEventStreams(options: EventStreamOptions): EventStreams {
  const adopted = new WeakMap<Request, SharedResults>();
  const open = new Set<Readable>();
  const timer = setInterval(() => {
    for (const body of open) if (body.readableLength === 0) body.push(COMMENT);
  }, KEEP_ALIVE_MS);

  function stream(results: SharedResults, response: ServerResponse | undefined): Readable {
    const body = new Readable({ read: () => outbox.drained(), destroy: (_error, done) => leave(done) });
    const outlet: Outlet = {
      get isOpen() {
        return !body.destroyed;
      },
      get pendingBytes() {
        return body.readableLength + (response?.writableLength ?? 0);
      },
      get isCongested() {
        return body.readableLength > 0;
      },
      write: (bytes) => void body.push(bytes, BYTES),
      endSlow() {
        options.onSlow();
        response?.destroy();
        body.destroy();
      },
    };
    const outbox = createOutbox(outlet, options.maxOutboxBytes, options.turn);

    function leave(done: () => void): void {
      open.delete(body);
      void results.return(undefined);
      done();
    }

    function finish(lastWords: string): void {
      outbox.flush();
      if (!body.destroyed) {
        body.push(lastWords);
        body.push(null);
      }
      open.delete(body);
    }

    open.add(body);
    body.push(COMMENT); // some browsers wait for the first byte
    results.attach({
      deliver: (batch) => {
        const bytes = batch.encode(encodeEvents);
        if (batch.isNewestOnly) outbox.addNewest('sse', bytes);
        else outbox.add(bytes);
      },
    });
    // Parked: it settles when the subscription is over.
    results.next().then(
      () => finish(COMPLETE),
      (error: unknown) => finish(describeEnd(options.maskError(error)) + COMPLETE),
    );
    return body;
  }

  return {
    plugin: {
      onResultProcess({ request, serverContext, setResultProcessor }) {
        const results = adopted.get(request);
        if (results === undefined) return;
        setResultProcessor((_result, { Response }) => {
          const body = stream(results, serverContext.res);
          // Yoga's Response takes a Node stream and pipes it; the standard's types do not know that.
          return new Response(body as unknown as ReadableStream, { headers: HEADERS });
        }, 'text/event-stream');
      },
    },
    adopt: (request, results) => void adopted.set(request, results),
    get count() {
      return open.size;
    },
    close: () => clearInterval(timer),
  };
}

function encodeEvents(frames: readonly Frame[]): Bytes {
  return frames.map(({ json }) => `event: next\ndata: ${json}\n\n`).join('');
}

function describeEnd(error: GraphQLError): string {
  return `event: next\ndata: ${JSON.stringify(formatResult({ errors: [error] }))}\n\n`;
}
