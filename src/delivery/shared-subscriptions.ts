/**
 * An Envelop plugin that runs a subscription once for all who may see the same, instead of once for each subscriber.
 *
 *     const sharing = createSharedSubscriptions({
 *       audienceOf: ({ contextValue }) => ({ key: contextValue.tenant, context: { tenant: contextValue.tenant } }),
 *     });
 *     createYoga({ schema, plugins: [sharing.plugin, …] });
 *
 * Subscriptions of the same document, operation name, variables and audience key share one source and one execution, which
 * see only the context that `audienceOf` made: it must hold what decides the result, and nothing of any one subscriber. What
 * a subscriber gets is an AsyncIterable like any other; a transport that can send finished JSON calls `attach` on it, and
 * then each result is also serialised only once. List the plugin before those that look at results (masking errors,
 * logging), which thereby run once as well.
 */
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Audience, createAudience, type Delivery } from './audience.ts';
import type { Frame } from './batch.ts';
import type { SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** Who may see the same. */
export interface AudienceScope {
  /** Equal for all subscribers who may see the same, different for all others. */
  readonly key: string;
  /** The context of the shared execution. */
  readonly context: object;
}

export interface SharedSubscriptionsOptions {
  /** `undefined`: this subscription is not to be shared, and runs alone. */
  audienceOf(args: ExecutionArgs): AudienceScope | undefined;
  /** Default: every result. */
  deliveryOf?(args: ExecutionArgs): Delivery;
  /**
   * Asked once for each subscriber. Return an error to refuse it; or what to do when it has left, and call `end`, at any
   * time, to end its subscription: with an error, which it is told, or without.
   */
  admit?(args: ExecutionArgs, end: (error?: Error) => void): GraphQLError | (() => void);
  /** Told what a subscriber got, for a transport that is to attach to it. */
  onJoin?(args: ExecutionArgs, results: SharedResults): void;
  readonly turn: Turn;
  /** How many results may wait for a subscriber that iterates by itself. Default 1000. */
  readonly maxWaiting?: number;
  readonly observer?: DeliveryObserver;
}

/** For metrics. */
export interface DeliveryObserver {
  executed(): void;
  delivered(frames: readonly Frame[], members: number): void;
}

export interface SharedSubscriptions {
  readonly plugin: Plugin;
  /** How many audiences there are. */
  readonly audiences: number;
}

type Outcome = AsyncGenerator<ExecutionResult> | ExecutionResult;
type Subscribe = (args: ExecutionArgs) => Outcome | Promise<Outcome>;

/** Marks the context of a shared execution, which the plugin lets pass. */
const SHARED = Symbol('shared');

export function createSharedSubscriptions(options: SharedSubscriptionsOptions): SharedSubscriptions {
  const audiences = new Map<string, Promise<Audience | ExecutionResult>>();
  const numberOf = numberDocuments();
  let subscribeEnveloped: Subscribe | undefined;

  /** One source for an audience; an error that prevents it is everybody's, and is not kept. */
  async function open(key: string, args: ExecutionArgs, context: object): Promise<Audience | ExecutionResult> {
    if (subscribeEnveloped === undefined) throw new Error('The plugin is not part of a server.');
    const outcome = await subscribeEnveloped({ ...args, contextValue: { ...context, [SHARED]: true } });
    if (!isStream(outcome)) {
      audiences.delete(key);
      return outcome;
    }
    return createAudience({
      source: outcome,
      delivery: options.deliveryOf?.(args) ?? { every: true },
      maxWaiting: options.maxWaiting ?? 1000,
      turn: options.turn,
      onEmpty: () => audiences.delete(key),
      onExecuted: () => options.observer?.executed(),
      onDelivered: (frames, members) => options.observer?.delivered(frames, members),
    });
  }

  function find(args: ExecutionArgs, scope: AudienceScope): Promise<Audience | ExecutionResult> {
    const { document, operationName, variableValues } = args;
    const key = JSON.stringify([numberOf(document), operationName, variableValues, scope.key]);
    const known = audiences.get(key);
    if (known !== undefined) return known;
    const opening = open(key, args, scope.context);
    audiences.set(key, opening);
    opening.catch(() => audiences.delete(key));
    return opening;
  }

  async function join(args: ExecutionArgs, scope: AudienceScope): Promise<SharedResults | ExecutionResult> {
    let results: SharedResults | undefined;
    let ended: { readonly error: Error | undefined } | undefined;
    const admission = options.admit?.(args, (error) => {
      ended ??= { error };
      results?.end(error);
    });
    if (admission instanceof Error) return { errors: [admission] };
    const release = admission ?? (() => undefined);
    try {
      const opened = await find(args, scope);
      if (!('join' in opened)) {
        release();
        return opened;
      }
      results = opened.join(release);
    } catch (error) {
      release();
      throw error;
    }
    if (ended !== undefined) results.end(ended.error); // while it was being opened
    options.onJoin?.(args, results);
    return results;
  }

  return {
    plugin: {
      onYogaInit({ yoga }) {
        subscribeEnveloped = (args) => yoga.getEnveloped({}).subscribe(args);
      },
      async onSubscribe({ args, setResultAndStopExecution }) {
        if (SHARED in args.contextValue) return;
        const scope = options.audienceOf(args);
        if (scope !== undefined) setResultAndStopExecution(await join(args, scope));
      },
    },
    get audiences() {
      return audiences.size;
    },
  };
}

/** The parser's cache gives equal texts the same document; where it does not, there is an audience more, that is all. */
function numberDocuments(): (document: DocumentNode) => number {
  const numbers = new WeakMap<DocumentNode, number>();
  let count = 0;
  return (document) => {
    const known = numbers.get(document);
    if (known !== undefined) return known;
    count += 1;
    numbers.set(document, count);
    return count;
  };
}

function isStream(outcome: Outcome): outcome is AsyncGenerator<ExecutionResult> {
  return Symbol.asyncIterator in outcome;
}
