import type { StreamListener } from './event-stream.ts';
import { type Fault, type LinkRequest, type LinkSink, type Past, type Result, withoutTime } from './link.ts';

interface Operation {
  readonly request: LinkRequest;
  readonly sink: LinkSink;
  cursor: string | undefined;
  /** What was announced of the past. It is reported with the first event or position: only from then on the operation can resume. */
  past: Past | undefined;
  /** Whether the stream that is open carries it. */
  isCarried: boolean;
}

/** The operations that one stream was asked for. */
export interface Load extends Pick<StreamListener, 'next' | 'position' | 'past' | 'complete'> {
  readonly requests: readonly (readonly [id: string, request: LinkRequest])[];
  /** Whether one of them has begun elsewhere since. Here it would begin once more, and lack what happened in between. */
  isOutdated(): boolean;
  /** The stream that is open carries them. */
  opened(): void;
  /** The server runs none of them. */
  refused(faults: readonly Fault[]): void;
}

export type StreamOperations = ReturnType<typeof createStreamOperations>;

/** The operations of a link whose streams take over from each other. */
export function createStreamOperations() {
  const operations = new Map<string, Operation>();
  let count = 0;

  function end(id: string, faults: readonly Fault[]): void {
    const operation = operations.get(id);
    operations.delete(id);
    operation?.sink.ended(faults);
  }

  function reportPast(operation: Operation): void {
    const { past, sink } = operation;
    operation.past = undefined;
    if (past !== undefined) sink.past(past);
  }

  function load(): Load {
    const carried = [...operations];
    const requests = carried.map(([id, { request, cursor }]) => [id, { ...request, after: cursor }] as const);
    const resumed = new Set(requests.flatMap(([id, { after }]) => (after === undefined ? [] : id)));
    return {
      requests,
      isOutdated: () => carried.some(([id, { cursor }]) => cursor !== undefined && !resumed.has(id)),
      opened() {
        for (const [, operation] of carried) operation.isCarried = true;
      },
      refused(faults) {
        for (const [id, { isCarried }] of carried) if (!isCarried) end(id, faults);
      },
      next(id, result: Result) {
        const operation = operations.get(id);
        if (operation === undefined) return;
        reportPast(operation);
        const cursor = result.extensions?.cursor;
        if (typeof cursor === 'string') operation.cursor = cursor;
        operation.sink.next(resumed.has(id) ? withoutTime(result) : result); // perhaps of another process, with another clock
      },
      position(id, cursor) {
        const operation = operations.get(id);
        if (operation === undefined) return;
        reportPast(operation);
        operation.cursor = cursor;
        operation.sink.position(cursor);
      },
      past(id, past) {
        const operation = operations.get(id);
        if (operation !== undefined) operation.past = past;
      },
      complete: (id) => end(id, []),
    };
  }

  return {
    get isEmpty() {
      return operations.size === 0;
    },
    /** Returns its id. */
    add(request: LinkRequest, sink: LinkSink): string {
      count += 1;
      const id = `${count}`;
      operations.set(id, { request, sink, cursor: request.after, past: undefined, isCarried: false });
      return id;
    },
    /** Returns whether it was still there. */
    remove: (id: string): boolean => operations.delete(id),
    load,
  };
}
