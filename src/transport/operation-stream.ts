import type { ServerResponse } from 'node:http';
import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import {
  type Bytes,
  type Frame,
  isShared,
  type SharedResults,
  type Sink,
  type Turn,
  toBytes,
} from 'yoga-shared-subscriptions';
import type { Session } from '../auth/session.ts';
import { contextOf, type Past } from '../graphql/context.ts';
import { formatResult } from '../graphql/format.ts';
import { COMMENT, outletTo } from './event-stream.ts';
import {
  type Engine,
  type OperationPayload,
  type OperationServices,
  prepareOperation,
  refuseOneMore,
} from './operation-args.ts';
import { createOutbox, type Outbox, type Outlet } from './outbox.ts';

export interface OperationStreamOptions extends OperationServices, Engine {
  readonly turn: Turn;
  readonly maxOutboxBytes: number;
  readonly maxSubscriptionsPerConnection: number;
  readonly maskError: (error: unknown) => GraphQLError;
  /** An operation got errors instead of results, or as well. For metrics. */
  readonly onErrors: (errors: readonly GraphQLError[]) => void;
  readonly onSlow: () => void;
}

/** An event stream that carries the results of many operations, each named by its id. */
export interface OperationStream {
  /** Runs an operation. Returns false if one of this id runs already. */
  run(id: string, payload: OperationPayload): boolean;
  stop(id: string): void;
  /** Sends how far each operation has come, which also shows that the stream is alive. */
  sendPositions(): void;
  /** What its open subscriptions run on. */
  results(): Iterable<SharedResults>;
  /** Ends it after what was sent. */
  end(lastWords: string): void;
}

interface Running {
  giveUp: (() => void) | undefined;
  results: SharedResults | undefined;
}

export function createOperationStream(
  response: ServerResponse,
  session: Session,
  options: OperationStreamOptions,
): OperationStream {
  const { maskError, maxSubscriptionsPerConnection, operations, onErrors } = options;
  const running = new Map<string, Running>();
  const outlet = outletTo(response, {
    pendingBytes: () => response.writableLength,
    endFailed: () => void response.destroy(),
    onSlow: options.onSlow,
  });
  const outbox = createOutbox(outlet, options.maxOutboxBytes, options.turn);
  response.on('drain', () => outbox.drained());
  response.once('close', () => {
    for (const id of [...running.keys()]) stop(id);
  });

  function send(text: string): void {
    outbox.add(toBytes(text));
  }

  function complete(id: string, operation: Running, result?: ExecutionResult): void {
    if (running.get(id) !== operation) return;
    running.delete(id);
    if (result?.errors !== undefined) onErrors(result.errors);
    const name = JSON.stringify(id);
    if (result !== undefined)
      send(`event: next\ndata: {"id":${name},"payload":${JSON.stringify(formatResult(result))}}\n\n`);
    send(`event: complete\ndata: {"id":${name}}\n\n`);
  }

  function stop(id: string): void {
    const operation = running.get(id);
    running.delete(id);
    operation?.giveUp?.();
    void operation?.results?.return(undefined);
    outbox.clear(id);
  }

  async function execute(
    id: string,
    operation: Running,
    payload: OperationPayload,
  ): Promise<ExecutionResult | undefined> {
    const { result, past } = await start(operation, payload, session, options);
    if (!isShared(result)) return result;
    if (running.get(id) !== operation) {
      void result.return(undefined);
      return undefined;
    }
    operation.results = result;
    if (past !== undefined) send(`past: ${JSON.stringify({ [id]: past })}\n\n`); // before any event of it
    result.attach(createSink(id, outbox, outlet));
    sendPositions([id]);
    await result.next(); // parked: it settles when the subscription is over
    return undefined;
  }

  function sendPositions(ids: Iterable<string>): void {
    const cursors: Record<string, string> = Object.create(null);
    for (const id of ids) {
      const cursor = running.get(id)?.results?.cursor();
      if (cursor !== undefined) cursors[id] = cursor;
    }
    const text = JSON.stringify(cursors);
    send(text === '{}' ? COMMENT : `id: ${text}\n\n`);
    outbox.flush();
  }

  return {
    run(id, payload) {
      if (running.has(id)) return false;
      const operation: Running = { giveUp: undefined, results: undefined };
      const isFull = running.size >= maxSubscriptionsPerConnection;
      running.set(id, operation);
      if (isFull) {
        const error = refuseOneMore(operations, session, payload, maxSubscriptionsPerConnection);
        complete(id, operation, { errors: [error] });
      } else
        execute(id, operation, payload).then(
          (result) => complete(id, operation, result),
          (error: unknown) => complete(id, operation, { errors: [maskError(error)] }),
        );
      return true;
    },
    stop,
    sendPositions() {
      if (!outlet.isCongested) sendPositions(running.keys());
    },
    *results() {
      for (const { results } of running.values()) if (results !== undefined) yield results;
    },
    end(lastWords) {
      outbox.flush();
      if (outlet.isOpen) response.end(lastWords);
    },
  };
}

/** Begins an operation. What is not shared is its whole answer. */
async function start(
  operation: Running,
  payload: OperationPayload,
  session: Session,
  options: OperationStreamOptions,
): Promise<{ result: SharedResults | ExecutionResult; past?: Past | undefined }> {
  const args = prepareOperation(options, payload, {
    session,
    onAbandon(giveUp) {
      operation.giveUp = giveUp;
    },
  });
  if (Array.isArray(args)) return { result: { errors: args } };
  const isSubscription = getOperationAST(args.document, args.operationName)?.operation === 'subscription';
  const result = await (isSubscription ? options.subscribe(args) : options.execute(args));
  operation.giveUp = undefined;
  // What graphql-js answers, if it is not shared
  return { result: isShared(result) ? result : (result as ExecutionResult), past: contextOf(args).past };
}

/** Takes the results of one operation to the stream's outbox. */
function createSink(id: string, outbox: Outbox, { endSlow }: Outlet): Sink {
  const prefix = toBytes(`event: next\ndata: {"id":${JSON.stringify(id)},"payload":`);
  const encode = (frames: readonly Frame[]): Bytes =>
    frames.map(({ json }) => `${prefix}${json}}\n\n`).join('');
  return {
    deliver({ frames, isNewestOnly }) {
      if (isNewestOnly) outbox.addNewest(id, encode(frames));
      else outbox.add(encode(frames));
    },
    room: () => outbox.room(),
    endSlow,
  };
}
