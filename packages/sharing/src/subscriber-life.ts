import type { ExecutionResult, GraphQLError } from 'graphql';
import type { SharedResults } from './member.ts';

/** Ends one subscriber's subscription, also while that is still being opened. */
export class SubscriberLife {
  #results: SharedResults | undefined;
  #ended: { readonly error: GraphQLError | undefined } | undefined;
  #endEarly: ((outcome: ExecutionResult) => void) | undefined;

  /** With an error, which the subscriber is told, or without. */
  readonly end = (error?: GraphQLError): void => {
    this.#ended ??= { error };
    this.#results?.end(error);
    this.#endEarly?.(outcomeOf(error));
  };

  /** What is being opened for it, also if that is open already; or, if it is ended before, what it is told then. */
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

  /** It is open. */
  begin(results: SharedResults): void {
    this.#results = results;
    if (this.#ended !== undefined) results.end(this.#ended.error); // while it was joining
  }
}

function outcomeOf(error: GraphQLError | undefined): ExecutionResult {
  return error === undefined ? { data: null } : { errors: [error] };
}
