import type { StreamListener } from './event-stream.ts';
import type { Fault, LinkRequest, LinkSink } from './link.ts';

export interface StreamOperation {
  readonly request: LinkRequest;
  readonly sink: LinkSink;
  cursor: string | undefined;
  /** Whether the stream that is open carries it. */
  isCarried: boolean;
}

/** The operations that event streams carry, each with its cursor. */
export interface StreamOperations {
  /** Takes what a stream says of them. */
  readonly listener: Pick<StreamListener, 'next' | 'position' | 'complete'>;
  readonly size: number;
  /** Returns its id. */
  add(request: LinkRequest, sink: LinkSink): string;
  /** Returns whether it was there. */
  remove(id: string): boolean;
  all(): readonly (readonly [id: string, operation: StreamOperation])[];
  end(id: string, faults: readonly Fault[]): void;
}

export function createStreamOperations(): StreamOperations {
  const operations = new Map<string, StreamOperation>();
  let count = 0;

  function end(id: string, faults: readonly Fault[]): void {
    const operation = operations.get(id);
    operations.delete(id);
    operation?.sink.ended(faults);
  }

  return {
    get size() {
      return operations.size;
    },
    add(request, sink) {
      count += 1;
      const id = `${count}`;
      operations.set(id, { request, sink, cursor: request.after, isCarried: false });
      return id;
    },
    remove: (id) => operations.delete(id),
    all: () => [...operations],
    listener: {
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
    },
    end,
  };
}
