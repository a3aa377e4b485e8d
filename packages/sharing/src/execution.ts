import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { createFrame, type Frame } from './batch.ts';
import type { MakeFrames } from './history.ts';
import type { SharedSubscriptionsOptions } from './options.ts';

/** What becomes of a subscription: its results, or why there are none. */
export type Outcome = AsyncGenerator<ExecutionResult> | ExecutionResult;

/** Runs a subscription in a context that many share. */
export type SubscribeShared = (args: ExecutionArgs, context: object) => Outcome | Promise<Outcome>;

export function isStream(outcome: Outcome): outcome is AsyncGenerator<ExecutionResult> {
  return Symbol.asyncIterator in outcome;
}

/** Why what was missed cannot be made again. */
const NO_ROOM = {
  never: new GraphQLError(
    'You missed more events than are replayed: refetch the data, then subscribe again.',
    {
      extensions: { code: 'CURSOR_EXPIRED' },
    },
  ),
  'not now': new GraphQLError('Other clients are receiving what they missed: try again in a moment.', {
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  }),
};

/** After this many results of the past, other work gets a turn. */
const RESULTS_PER_TURN = 100;

/** Makes the frames that were missed, without blocking the event loop. */
export async function makeFrames(
  { resuming, observer, toWire }: Pick<SharedSubscriptionsOptions, 'resuming' | 'observer' | 'toWire'>,
  outcome: Outcome,
  context: object,
  take: Parameters<MakeFrames>[1],
): Promise<readonly Frame[]> {
  if (!isStream(outcome)) throw new Error('A subscription that runs could not be run again.');
  const frames: Frame[] = [];
  for await (const result of outcome) {
    observer?.executed(context);
    const frame = createFrame(result, resuming?.resultPosition(context), toWire, true);
    const room = take(frame);
    if (room !== 'enough') throw NO_ROOM[room];
    frames.push(frame);
    if (frames.length % RESULTS_PER_TURN === 0) await new Promise(setImmediate);
  }
  return frames;
}
