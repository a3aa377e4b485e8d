import type { ExecutionResult, GraphQLError } from 'graphql';
import type { SharedResults } from './member.ts';

/** Ends the subscription of one subscriber, even while it is being opened. */
export class SubscriberLife {
  #results: SharedResults | undefined;
  #ended: { readonly error: GraphQLError | undefined } | undefined;
  #endEarly: ((outcome: ExecutionResult) => void) | undefined;

  /** Ends it: with an error, which the subscriber receives, or without one. */
  readonly end = (error?: GraphQLError): void => {
    this.#ended ??= { error };
    this.#results?.end(error);
    this.#endEarly?.(outcomeOf(error));
  };

  /** Waits for what is being opened; if the subscription is ended before that, answers what the subscriber receives instead. */
  async awaits<Opened>(opened: Promise<Opened>): Promise<Opened | ExecutionResult> {
    const ended = new Promise<ExecutionResult>((resolve) => {
      this.#endEarly = resolve;
      if (this.#ended !== undefined) resolve(outcomeOf(this.#ended.error));
    });
    try {
      return await Promise.race([opened, ended]);
    } finally {
      this.#endEarly = undefined;
    }
  }

  /** The subscription is open. */
  begin(results: SharedResults): void {
    this.#results = results;
    if (this.#ended !== undefined) results.end(this.#ended.error); // while it was joining
  }
}

function outcomeOf(error: GraphQLError | undefined): ExecutionResult {
  return error === undefined ? { data: null } : { errors: [error] };
}
