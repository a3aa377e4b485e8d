import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  subscribe,
} from 'graphql';
import type { SourceEvent } from '../topics/source-event.ts';
import { contextOf } from './context.ts';
import { compileSelections, type PlainSelection } from './plain-selection.ts';
import { takeEvent } from './subscription.ts';

/**
 * Makes a `subscribe` that answers as graphql-js's own does. Where a document is plain, its selection is compiled once, and read out
 * of each event. graphql-js executes everything else, and each event that cannot be read so.
 */
export function createSubscribe(): typeof subscribe {
  const selectionOf = compileSelections();
  return async (args) => {
    const selection = selectionOf(args);
    if (selection === undefined) return subscribe(args);
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    // As the field's own resolver made it (subscription.ts).
    const events = source as AsyncGenerator<SourceEvent, undefined, undefined>;
    return mapEvents(events, (event) => run(event, selection, args));
  };
}

function run(
  event: SourceEvent,
  { rule, key, read }: PlainSelection,
  args: ExecutionArgs,
): ExecutionResult | Promise<ExecutionResult> {
  const executed = (): ExecutionResult | Promise<ExecutionResult> => execute({ ...args, rootValue: event });
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

type Step = IteratorResult<ExecutionResult, undefined>;

function mapEvents(
  events: AsyncGenerator<SourceEvent, undefined, undefined>,
  toResult: (event: SourceEvent) => ExecutionResult | Promise<ExecutionResult>,
): AsyncGenerator<ExecutionResult, undefined, undefined> {
  function toStep(step: IteratorResult<SourceEvent, undefined>): Step | Promise<Step> {
    if (step.done === true) return step;
    const result = toResult(step.value);
    if (result instanceof Promise) return result.then((value) => ({ done: false, value }));
    return { done: false, value: result };
  }
  const results: AsyncGenerator<ExecutionResult, undefined, undefined> = {
    next: () => events.next().then(toStep),
    return: () => events.return(undefined).then(toStep),
    throw: (error) => events.throw(error).then(toStep),
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
