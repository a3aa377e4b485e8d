import type { ChainableCommander, Redis } from 'ioredis';

/** Adds a command to the pipeline of this turn. Resolves with the answer of Redis. */
export type AddCommand = (add: (pipeline: ChainableCommander) => ChainableCommander) => Promise<unknown>;

/** Sends the commands of one turn to Redis in one write: each write costs more than the command in it. */
export function createPipeline(redis: Redis): AddCommand {
  let next: { readonly pipeline: ChainableCommander; readonly answers: Promise<Answers> } | undefined;

  function begin() {
    const pipeline = redis.pipeline();
    const answers = Promise.resolve().then(() => {
      next = undefined;
      return pipeline.exec();
    });
    return { pipeline, answers };
  }

  return async (add) => {
    next ??= begin();
    const { pipeline, answers } = next;
    const at = pipeline.length;
    add(pipeline);
    const [error, answer] = (await answers)?.[at] ?? [new Error('Redis did not answer')];
    if (error !== null) throw error;
    return answer;
  };
}

type Answers = Awaited<ReturnType<ChainableCommander['exec']>>;
