import { stringifyVariables } from '@urql/core';
import type { Fault, Link, LinkRequest, Past, Result } from '../connection/link.ts';
import { STATES } from '../generated/states.ts';
import type { Standing } from './messages.ts';

/** An operation that a tab wants. */
export interface Run {
  readonly tab: string;
  readonly number: number;
  /** The operation on the wire that feeds it. */
  operation: Operation | undefined;
}

/** An operation on the wire, and the runs that it feeds. */
export interface Operation {
  readonly id: number;
  readonly key: string;
  readonly runs: Set<Run>;
  /** How far it has come. */
  cursor: string | undefined;
  newest: Result | undefined;
  /** Whether all that it delivers is new, so that a run may join it that begins now. */
  isCurrent: boolean;
  /** Whether it has delivered anything. */
  hasBegun: boolean;
  stop: () => void;
}

export interface OperationEvents {
  /** @param standing where it stands, for a run that has joined it; `undefined`: for the run nothing changes. */
  feeds(run: Run, operation: Operation, standing: Standing | undefined): void;
  next(operation: Operation, result: Result): void;
  position(operation: Operation, cursor: string): void;
  past(operation: Operation, past: Past): void;
  ended(operation: Operation, faults: readonly Fault[]): void;
}

/**
 * Runs the operations of all tabs over one link, equal ones once. A run that resumes elsewhere than the others, or begins in the past,
 * gets an operation of its own, which replays what the run has missed. Once both have come equally far, the run joins the others.
 */
export function createOperations(link: Link, events: OperationEvents) {
  const byKey = new Map<string, Set<Operation>>();
  let count = 0;

  function find(key: string, request: LinkRequest): Operation | undefined {
    for (const operation of byKey.get(key) ?? [])
      if (beginsNow(request) ? operation.isCurrent : isAt(operation, request)) return operation;
    return undefined;
  }

  function begin(key: string, request: LinkRequest): Operation {
    count += 1;
    const operation: Operation = {
      id: count,
      key,
      runs: new Set(),
      cursor: request.after,
      newest: undefined,
      isCurrent: beginsNow(request),
      hasBegun: false,
      stop: () => undefined,
    };
    const equal = byKey.get(key) ?? new Set();
    byKey.set(key, equal.add(operation));
    operation.stop = link.run(request, {
      next(result) {
        const { cursor } = result.extensions ?? {};
        if (result.data != null && Object.keys(result.data).some((field) => STATES.has(field)))
          operation.newest = result;
        events.next(operation, result);
        reached(operation, typeof cursor === 'string' ? cursor : operation.cursor);
      },
      position(cursor) {
        events.position(operation, cursor);
        reached(operation, cursor);
      },
      past: (past) => events.past(operation, past),
      ended(faults) {
        forget(operation);
        events.ended(operation, faults);
      },
    });
    return operation;
  }

  /** Both of two operations of a key that have come equally far deliver the same from here on: one is enough. */
  function reached(operation: Operation, cursor: string | undefined): void {
    operation.hasBegun = true;
    operation.cursor = cursor;
    if (cursor === undefined) return;
    for (const other of byKey.get(operation.key) ?? []) {
      if (other === operation || other.cursor !== cursor) continue;
      const [kept, spare] = other.id < operation.id ? [other, operation] : [operation, other];
      kept.isCurrent ||= spare.isCurrent;
      kept.newest ??= spare.newest;
      for (const run of spare.runs) feed(run, kept, undefined);
      end(spare);
      return;
    }
  }

  function feed(run: Run, operation: Operation, standing: Standing | undefined): void {
    run.operation = operation;
    operation.runs.add(run);
    events.feeds(run, operation, standing);
  }

  function forget(operation: Operation): void {
    const equal = byKey.get(operation.key);
    equal?.delete(operation);
    if (equal?.size === 0) byKey.delete(operation.key);
  }

  function end(operation: Operation): void {
    forget(operation);
    operation.stop();
  }

  return {
    start(run: Run, request: LinkRequest): void {
      const key = `${request.query || request.documentId}\n${stringifyVariables(request.variables)}`;
      const found = find(key, request);
      if (found === undefined) feed(run, begin(key, request), undefined);
      else feed(run, found, found.hasBegun ? { cursor: found.cursor, newest: found.newest } : undefined);
    },
    stop(run: Run): void {
      const { operation } = run;
      if (operation?.runs.delete(run) && operation.runs.size === 0) end(operation);
    },
  };
}

const beginsNow = ({ after, pastMs }: LinkRequest): boolean => after === undefined && pastMs === undefined;

const isAt = ({ cursor }: Operation, { after }: LinkRequest): boolean =>
  after !== undefined && after === cursor;
