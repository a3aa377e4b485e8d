/**
 * An Envelop plugin that runs a subscription once for all who may see the same, instead of once for each subscriber.
 *
 *     const sharing = createSharedSubscriptions({
 *       audienceOf: ({ contextValue }) => ({ key: contextValue.tenant, createContext: () => ({ tenant: contextValue.tenant }) }),
 *     });
 *     createYoga({ schema, plugins: [sharing.plugin, …] });
 *
 * Subscriptions of the same document, operation name, variables and audience key share one source and one execution, which
 * see only the context that `audienceOf` made: it must hold what decides the result, and nothing of any one subscriber. What
 * a subscriber gets is an AsyncIterable like any other; a transport that can send finished JSON calls `attach` on it, and
 * then each result is also serialised only once. List the plugin before those that look at results (masking errors,
 * logging), which thereby run once as well.
 */
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Audience, createAudience, type Delivery } from './audience.ts';
import type { SharedResults } from './member.ts';
import { createTurn, type Turn } from './turn.ts';

/** Who may see the same. */
export interface AudienceScope {
  /** Equal for all subscribers who may see the same, different for all others. */
  readonly key: string;
  /**
   * Makes the context of the shared execution.
   * @param signal aborted when the last subscriber has left while the source was still being opened.
   */
  createContext(signal: AbortSignal): object;
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
  admit?(args: ExecutionArgs, end: (error?: GraphQLError) => void): GraphQLError | (() => void);
  /** Told what a subscriber got, for a transport that is to attach to it. */
  onJoin?(args: ExecutionArgs, results: SharedResults): void;
  /** What of a result is sent by a transport that attaches. Default: all of it. */
  readonly toWire?: (result: ExecutionResult) => unknown;
  /** What gathers the work of a turn of the event loop, where others take part in it. Default: one of its own. */
  readonly turn?: Turn;
  /** How many results may wait for a subscriber that iterates by itself. Default 1000. */
  readonly maxWaiting?: number;
  readonly observer?: DeliveryObserver;
}

/** For metrics. */
export interface DeliveryObserver {
  /** A result was made. */
  executed(context: object): void;
  /** The results made since the last time were handed to so many subscribers. */
  delivered(context: object, members: number): void;
}

export interface SharedSubscriptions {
  readonly plugin: Plugin;
  /** How many audiences there are. */
  readonly audiences: number;
}

type Outcome = AsyncGenerator<ExecutionResult> | ExecutionResult;
type Subscribe = (args: ExecutionArgs) => Outcome | Promise<Outcome>;

const TOO_DEEP = new GraphQLError('Nest the variables less deeply.', {
  extensions: { code: 'BAD_USER_INPUT' },
});

/** Marks the context of a shared execution, which the plugin lets pass. */
const SHARED = Symbol('shared');

/** An audience, from when the first subscriber asked for it. */
interface Opening {
  readonly opened: Promise<Audience | ExecutionResult>;
  /** How many wait for it. */
  waiting: number;
  abandon(): void;
}

export function createSharedSubscriptions(options: SharedSubscriptionsOptions): SharedSubscriptions {
  const openings = new Map<string, Opening>();
  const turn = options.turn ?? createTurn((error) => process.emitWarning(String(error)));
  const numberOf = numberDocuments();
  let subscribeEnveloped: Subscribe | undefined;

  async function start(
    args: ExecutionArgs,
    context: object,
    onEmpty: () => void,
  ): Promise<Audience | ExecutionResult> {
    if (subscribeEnveloped === undefined) throw new Error('The plugin is not part of a server.');
    const outcome = await subscribeEnveloped({ ...args, contextValue: { ...context, [SHARED]: true } });
    if (!isStream(outcome)) return outcome;
    return createAudience({
      source: outcome,
      delivery: options.deliveryOf?.(args) ?? { every: true },
      toWire: options.toWire ?? ((result) => result),
      maxWaiting: options.maxWaiting ?? 1000,
      turn,
      onEmpty,
      onExecuted: () => options.observer?.executed(context),
      onDelivered: (members) => options.observer?.delivered(context, members),
    });
  }

  /** One source for an audience; an error that prevents it is told to all who wait, and is not kept. */
  function open(key: string, args: ExecutionArgs, scope: AudienceScope): Opening {
    const controller = new AbortController();
    const forget = (): void => {
      if (openings.get(key) === opening) openings.delete(key);
    };
    const opening: Opening = {
      opened: start(args, scope.createContext(controller.signal), forget),
      waiting: 0,
      abandon() {
        forget();
        controller.abort();
      },
    };
    openings.set(key, opening);
    opening.opened.then((opened) => 'join' in opened || forget(), forget);
    return opening;
  }

  /** What all who share have in common. `undefined`: the variables are nested too deep to be written, and so to be compared. */
  function keyOf({ document, operationName, variableValues }: ExecutionArgs, scope: AudienceScope) {
    try {
      return JSON.stringify([numberOf(document), operationName, variableValues, scope.key]);
    } catch {
      return undefined;
    }
  }

  async function join(args: ExecutionArgs, scope: AudienceScope): Promise<SharedResults | ExecutionResult> {
    const key = keyOf(args, scope);
    if (key === undefined) return { errors: [TOO_DEEP] };
    let end: (error?: GraphQLError) => void = () => undefined;
    let ended: { readonly error: GraphQLError | undefined } | undefined;
    const endedEarly = new Promise<ExecutionResult>((resolve) => {
      end = (error) => {
        ended = { error };
        resolve(error === undefined ? { data: null } : { errors: [error] });
      };
    });
    const admission = options.admit?.(args, (error) => end(error));
    if (admission instanceof Error) return { errors: [admission] };
    const release = admission ?? (() => undefined);
    const opening = openings.get(key) ?? open(key, args, scope);
    opening.waiting += 1;
    try {
      const opened = await Promise.race([opening.opened, endedEarly]);
      if ('join' in opened) {
        const results = opened.join(release);
        end = results.end;
        if (ended !== undefined) results.end(ended.error); // just as the audience was there
        options.onJoin?.(args, results);
        return results;
      }
      if (opening.waiting === 1) opening.abandon();
      release();
      return opened;
    } catch (error) {
      release();
      throw error;
    } finally {
      opening.waiting -= 1;
    }
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
      return openings.size;
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
