import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  subscribe,
} from 'graphql';
import type { Pushing } from 'yoga-shared-subscriptions';
import type { SourceEvent } from '../topics/source-event.ts';
import { contextOf } from './context.ts';
import { compileSelections, type PlainSelection } from './plain-selection.ts';
import { takeEvent } from './subscription.ts';

/**
 * Makes a `subscribe` that answers as graphql-js's own does, with its errors masked. Where a document is plain, its selection is
 * compiled once, and read out of each event. graphql-js executes everything else, and each event that cannot be read so.
 */
export function createSubscribe(maskError: (error: unknown) => GraphQLError): typeof subscribe {
  const selectionOf = compileSelections();

  function masked(result: ExecutionResult): ExecutionResult {
    return result.errors === undefined ? result : { ...result, errors: result.errors.map(maskError) };
  }

  return async (args) => {
    const selection = selectionOf(args);
    const source = selection === undefined ? await subscribe(args) : await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return masked(source);
    if (selection === undefined) return mapItems(source as Items<ExecutionResult>, masked, maskError);
    // As the field's own resolver made it (subscription.ts).
    const events = source as Items<SourceEvent>;
    return mapItems(events, (event) => run(event, selection, args, masked), maskError);
  };
}

/** @param masked masks the errors of a result. What is read out of an event has none. */
function run(
  event: SourceEvent,
  { rule, key, read }: PlainSelection,
  args: ExecutionArgs,
  masked: (result: ExecutionResult) => ExecutionResult,
): ExecutionResult | Promise<ExecutionResult> {
  const executed = (): ExecutionResult | Promise<ExecutionResult> => {
    const result = execute({ ...args, rootValue: event });
    return result instanceof Promise ? result.then(masked) : masked(result);
  };
  if (event.trace !== undefined) return executed(); // its execution is timed, from its beginning
  const context = contextOf(args);
  let value: unknown;
  try {
    value = read(event.data, context);
  } catch {
    return executed(); // it reports what is wrong, and where
  }
  takeEvent(rule, event, context);
  return { data: { [key]: value } };
}

type Items<Item> = AsyncGenerator<Item, undefined, undefined> & Partial<Pushing<Item>>;
type Step = IteratorResult<ExecutionResult, undefined>;

/** Makes a result of each item, asked for or pushed. */
function mapItems<Item>(
  items: Items<Item>,
  toResult: (item: Item) => ExecutionResult | Promise<ExecutionResult>,
  maskError: (error: unknown) => GraphQLError,
): Items<ExecutionResult> {
  function toStep(step: IteratorResult<Item, undefined>): Step | Promise<Step> {
    if (step.done === true) return step;
    const result = toResult(step.value);
    if (result instanceof Promise) return result.then((value) => ({ done: false, value }));
    return { done: false, value: result };
  }
  const fail = (error: unknown): never => {
    throw maskError(error);
  };
  const results: Items<ExecutionResult> = {
    next: () => items.next().then(toStep).catch(fail),
    return: () => items.return(undefined).then(toStep),
    throw: (error) => items.throw(error).then(toStep),
    [Symbol.asyncIterator]: () => results,
  };
  const { pushTo } = items;
  if (pushTo === undefined) return results;
  return Object.assign(results, { pushTo: pushResults(pushTo, toResult, maskError) });
}

function pushResults<Item>(
  pushTo: Pushing<Item>['pushTo'],
  toResult: (item: Item) => ExecutionResult | Promise<ExecutionResult>,
  maskError: (error: unknown) => GraphQLError,
): Pushing<ExecutionResult>['pushTo'] {
  return (receiver) => {
    const fail = (error: unknown): void => receiver.fail(maskError(error));
    pushTo({
      take(item) {
        try {
          const result = toResult(item);
          return result instanceof Promise ? result.then(receiver.take).catch(fail) : receiver.take(result);
        } catch (error) {
          return fail(error);
        }
      },
      end: receiver.end,
      fail,
    });
  };
}
