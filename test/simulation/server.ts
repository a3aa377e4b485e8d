import type { ExecutionArgs, ExecutionResult } from 'graphql';
import {
  createSharedSubscriptions,
  createTurn,
  isShared,
  type SharedResults,
  type Turn,
} from 'yoga-shared-subscriptions';
import type { TopicNames } from '../../src/events/topic-names.ts';
import type { Logger } from '../../src/log.ts';
import { watchForeignPublishers } from '../../src/topics/foreign.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import { createRefusals } from '../../src/topics/refusals.ts';
import { startSweeping } from '../../src/topics/sweeper.ts';
import { createOutbox, type Outbox, type Outlet } from '../../src/transport/outbox.ts';
import { createSimulatedBus, type SimulatedBus } from './bus.ts';
import {
  createEngine,
  offsetAhead,
  preparePast,
  prepareReplay,
  type Shared,
  toGraphQLError,
} from './engine.ts';
import type { Surroundings } from './network.ts';
import { isNewestOnly, type Viewer, type Wish } from './wishes.ts';

/** The limits of a server. Small limits make rare situations frequent. */
export interface Bounds {
  readonly keptSeconds: number;
  readonly recentBytes: number;
  readonly replayBytes: number;
  readonly maxWaiting: number;
  readonly maxOutboxBytes: number;
  readonly partBytes: number;
  readonly kpiIntervalMs: number;
  /** The longest time that the execution of an event takes. */
  readonly maxExecutionMs: number;
}

export interface ServerOptions extends Bounds {
  readonly name: string;
  readonly names: TopicNames;
  readonly surroundings: Surroundings;
  /** Reports something that must never happen. */
  readonly onFault: (fault: string) => void;
}

/** A line from a server to a client: a result, an error or the end of an operation, or its position. */
export type Line =
  | { readonly op: number; readonly id: string; readonly cursor?: string }
  | { readonly op: number; readonly code: string }
  | { readonly op: number; readonly isComplete: true }
  | { readonly op: number; readonly position: string }
  | { readonly op: number; readonly past: number };

/** Where a subscription starts. */
interface Start {
  readonly cursor: string | undefined;
  /** Without a cursor: how many milliseconds back. */
  readonly pastMs: number | undefined;
}

/** A client's socket, as its server sees it. */
export interface Socket {
  subscribe(op: number, viewer: Viewer, wish: Wish, start: Start): void;
  unsubscribe(op: number): void;
  /** Sends the positions of all operations, as with a keep-alive. */
  sendPositions(): void;
  /** The client has read bytes. */
  drained(): void;
  /** The socket is gone. */
  leave(): void;
}

/** A server process: bus, topics and delivery, connected as in the application. */
export interface Server {
  readonly name: string;
  readonly bus: SimulatedBus;
  accept(outlet: Outlet): Socket;
  close(): void;
  /** The topics and audiences that it still holds. */
  holdings(): { readonly topics: number; readonly audiences: number };
}

interface Operation {
  results?: SharedResults;
  giveUp?: () => void;
  /** How much of the past it gets. */
  past?: number;
}

/** The context that our transports give to an operation. */
interface Asked extends Start {
  readonly viewer: Viewer;
  readonly onAbandon: (giveUp: () => void) => void;
  readonly onPast: (ms: number) => void;
}

const asked = ({ contextValue }: ExecutionArgs): Asked => contextValue as Asked; // created by `subscribe` below
const wishOf = ({ variableValues }: ExecutionArgs): Wish => variableValues as unknown as Wish; // created there too

export function startServer({ name, names, surroundings, onFault, ...bounds }: ServerOptions): Server {
  const log = createFaultLog(name, onFault);
  const bus = createSimulatedBus(surroundings, log);
  const refusals = createRefusals(bus, names, { eventRejected: () => undefined }, log);
  const observer = { eventReceived: () => undefined };
  const health = { report: () => undefined };
  const foreign = watchForeignPublishers('dms', health, { foreignMessage: () => undefined });
  const hub = createHub({ bus, names, refusals, observer, foreign, log, ...bounds });
  const stopSweeping = startSweeping({ bus, names, seconds: bounds.keptSeconds, log });
  const latestKpis = keepLatestSnapshots(hub, bus, names.kinds);
  const turn = createTurn((error) => onFault(`a delivery of ${name} failed: ${String(error)}`));
  const { clock, random } = surroundings;
  const execution =
    bounds.maxExecutionMs === 0
      ? undefined
      : (): Promise<void> =>
          new Promise((resolve) => clock.after(random.between(0, bounds.maxExecutionMs), resolve));
  const engine = createEngine({ hub, latestKpis, maxWaiting: bounds.maxWaiting, execution });
  const sharing = createSharedSubscriptions({
    turn,
    audienceOf(args) {
      const { viewer } = asked(args);
      const { unitId, isAdmin, userId } = viewer;
      return {
        key: JSON.stringify([unitId, isAdmin, wishOf(args).of === 'mine' ? userId : undefined]),
        createContext: (signal): Shared => ({ viewer, signal }),
      };
    },
    deliveryOf: (args) =>
      isNewestOnly(wishOf(args)) ? { newestEveryMs: bounds.kpiIntervalMs } : { every: true },
    admit(args, end) {
      asked(args).onAbandon(() => end());
      return () => undefined;
    },
    resuming: {
      cursorOf: (args) => asked(args).cursor,
      resultPosition: (context: Shared) => context.position,
      sourcePosition: (context: Shared) => context.source?.position(),
      prepare: prepareReplay,
      preparePast: (context, args) => preparePast(context, asked(args)),
      offsetAhead,
      partBytes: bounds.partBytes,
    },
    toWire: (result, position) => ({ id: result.data?.['id'], ...(position && { cursor: position.cursor }) }),
  });
  const run = runner(sharing.plugin, engine);
  const sockets = new Set<Socket>();

  function accept(outlet: Outlet): Socket {
    const outbox = createOutbox(outlet, bounds.maxOutboxBytes, turn);
    const operations = new Map<number, Operation>();
    let isGone = false;
    const sendLine = (line: Line): void => outbox.add(`${JSON.stringify(line)}\n`);

    function finish(op: number, operation: Operation, code: string | undefined): void {
      if (operations.get(op) !== operation) return;
      operations.delete(op);
      outbox.clear(`${op}`);
      sendLine(code === undefined ? { op, isComplete: true } : { op, code });
    }

    function begin(op: number, operation: Operation, results: SharedResults): void {
      operation.results = results;
      if (operation.past !== undefined) sendLine({ op, past: operation.past });
      results.attach(sinkOf(op, outbox, outlet));
      sendPositions([op]);
      results.next().then(
        () => finish(op, operation, undefined),
        (error: unknown) => finish(op, operation, codeOf(error)),
      );
    }

    function sendPositions(ops: Iterable<number>): void {
      for (const op of ops) {
        const position = operations.get(op)?.results?.cursor();
        if (position !== undefined) sendLine({ op, position });
      }
    }

    function end({ results, giveUp }: Operation): void {
      if (results === undefined) giveUp?.();
      else void results.return(undefined);
    }

    const socket: Socket = {
      subscribe(op, viewer, wish, start) {
        if (isGone) return;
        const operation: Operation = {};
        operations.set(op, operation);
        const onAbandon = (giveUp: () => void): void => {
          operation.giveUp = giveUp;
        };
        const onPast = (past: number): void => {
          operation.past = past;
        };
        const context: Asked = { viewer, ...start, onAbandon, onPast };
        run(wish, context).then(
          (outcome) => {
            const isWantedYet = operations.get(op) === operation;
            if (!isShared(outcome)) finish(op, operation, codeOf((outcome as ExecutionResult).errors?.[0]));
            else if (isWantedYet && outlet.isOpen) begin(op, operation, outcome);
            else void outcome.return(undefined);
          },
          (error: unknown) => finish(op, operation, codeOf(error)),
        );
      },
      unsubscribe(op) {
        const operation = operations.get(op);
        if (operation === undefined) return;
        operations.delete(op);
        outbox.clear(`${op}`);
        end(operation);
      },
      sendPositions() {
        if (!outlet.isCongested) sendPositions(operations.keys());
      },
      drained: () => outbox.drained(),
      leave() {
        isGone = true;
        sockets.delete(socket);
        const left = [...operations.values()];
        operations.clear();
        for (const operation of left) end(operation);
      },
    };
    sockets.add(socket);
    return socket;
  }

  return {
    name,
    bus,
    accept,
    close() {
      for (const socket of [...sockets]) socket.leave();
      latestKpis.close();
      stopSweeping();
      hub.close();
      void bus.close();
    },
    holdings: () => ({ topics: hub.openTopics, audiences: sharing.audiences }),
  };
}

/** Works like the sink of an operation over WebSocket. */
function sinkOf(op: number, outbox: Outbox, outlet: Outlet) {
  return {
    deliver({
      frames,
      isNewestOnly: isNewest,
    }: Parameters<Parameters<SharedResults['attach']>[0]['deliver']>[0]) {
      const bytes = frames.map(({ json }) => `{"op":${op},${json.slice(1)}\n`).join('');
      if (isNewest) outbox.addNewest(`${op}`, bytes);
      else outbox.add(bytes);
    },
    room: () => outbox.room(),
    endSlow: () => outlet.endSlow(),
  };
}

const codeOf = (error: unknown): string | undefined =>
  error === undefined ? undefined : String(toGraphQLError(error).extensions['code']);

type Plugin = ReturnType<typeof createSharedSubscriptions>['plugin'];
type Outcome = AsyncGenerator<ExecutionResult> | ExecutionResult;

/** The same document for every wish. Operations share an execution if document, variables and scope are equal. */
const DOCUMENT = { kind: 'Document', definitions: [] };

/** Runs subscriptions through the plugin, as Envelop does. */
function runner(plugin: Plugin, engine: ReturnType<typeof createEngine>) {
  // The plugin uses only this function of the server, and only these arguments of the hooks.
  const getEnveloped = () => ({ subscribe: engine });
  plugin.onYogaInit?.({ yoga: { getEnveloped } } as unknown as Parameters<
    NonNullable<Plugin['onYogaInit']>
  >[0]);
  return async (wish: Wish, contextValue: Asked): Promise<Outcome> => {
    const args = { document: DOCUMENT, operationName: null, variableValues: wish, contextValue };
    let outcome: Outcome = {};
    const hook = {
      args,
      setResultAndStopExecution(result: Outcome) {
        outcome = result;
      },
    };
    await plugin.onSubscribe?.(hook as unknown as Parameters<NonNullable<Plugin['onSubscribe']>>[0]);
    return outcome;
  };
}

/** A log that reports each error as a fault. */
function createFaultLog(name: string, onFault: (fault: string) => void): Logger {
  const ignore = (): void => undefined;
  const error = (details: { err?: unknown }, message: string): void =>
    onFault(`${name} logs: ${message}: ${String(details.err)}`);
  return { error, warn: ignore, info: ignore, debug: ignore } as unknown as Logger; // these methods are all that the code uses
}

export type { Turn };
