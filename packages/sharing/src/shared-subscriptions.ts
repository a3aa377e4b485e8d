/**
 * A Yoga plugin that runs a subscription once for all subscribers who may see the same, instead of once for each of them.
 *
 *     const sharing = createSharedSubscriptions({
 *       audienceOf: ({ contextValue }) => ({ key: contextValue.tenant, createContext: () => ({ tenant: contextValue.tenant }) }),
 *     });
 *     createYoga({ schema, plugins: [sharing.plugin, …] });
 *
 * Subscriptions with the same document, operation name, variables and audience key share one source and one execution. These see
 * only the context that `audienceOf` made: it must hold everything that decides the result, and nothing of any one subscriber. A
 * subscriber gets an AsyncIterable like any other. A transport that can send finished JSON calls `attach` on it; then each result is
 * also serialised only once. List the plugin before those that look at results (masking errors, logging): they then run once, too.
 */
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Audience } from './audience.ts';
import { nameDocuments } from './document-names.ts';
import { makeFrames, type Outcome, type SubscribeShared } from './execution.ts';
import type { MakeFrames } from './history.ts';
import type { SharedResults } from './member.ts';
import type { OnLeft } from './members.ts';
import { createOpenings } from './openings.ts';
import type { AudienceScope, PastRerun, Resuming, SharedSubscriptionsOptions } from './options.ts';
import { SubscriberLife } from './subscriber-life.ts';

export interface SharedSubscriptions {
  readonly plugin: Plugin;
  /**
   * Subscribes as the plugin does, for a transport whose operations are no HTTP requests. Other plugins are not asked about the
   * subscription of one subscriber, only about the execution that is shared. `undefined`: it runs alone, and the server subscribes.
   */
  subscribe(args: ExecutionArgs): Promise<SharedResults | ExecutionResult> | undefined;
  /** How many audiences there are. */
  readonly audiences: number;
}

const TOO_DEEP = new GraphQLError('Nest the variables less deeply.', {
  extensions: { code: 'BAD_USER_INPUT' },
});

/** Marks the context of a shared execution, which the plugin does not share again. */
const SHARED = Symbol('shared');

const NOTHING_TO_RELEASE = (): void => undefined;

export function createSharedSubscriptions(options: SharedSubscriptionsOptions): SharedSubscriptions {
  const nameOf = nameDocuments();
  let subscribeEnveloped: ((args: ExecutionArgs) => Outcome | Promise<Outcome>) | undefined;

  const subscribeShared: SubscribeShared = (args, context) => {
    if (subscribeEnveloped === undefined) throw new Error('The plugin is not part of a server.');
    return subscribeEnveloped({ ...args, contextValue: Object.assign(context, { [SHARED]: true }) });
  };
  const openings = createOpenings(options, subscribeShared);
  const enter = createEntrance(options, subscribeShared);

  /** What all who share have in common. `undefined`: the variables are nested too deeply to be written, and so to be compared. */
  function keyOf({ document, operationName, variableValues }: ExecutionArgs, scope: AudienceScope) {
    try {
      return JSON.stringify([nameOf(document), operationName, variableValues, scope.key]);
    } catch {
      return undefined;
    }
  }

  async function join(args: ExecutionArgs, scope: AudienceScope): Promise<SharedResults | ExecutionResult> {
    const key = keyOf(args, scope);
    if (key === undefined) return { errors: [TOO_DEEP] };
    const life = new SubscriberLife();
    const admission = options.admit?.(args, life.end);
    if (admission instanceof Error) return { errors: [admission] };
    const release = admission ?? NOTHING_TO_RELEASE;
    const opening = openings.open(key, args, scope);
    opening.waiting += 1;
    try {
      const opened = opening.audience ?? (await life.awaits(opening.opened));
      if (!('join' in opened)) {
        // Where there is an audience by now, others may have joined it: it ends with the last of them.
        if (opening.waiting === 1 && opening.audience === undefined) opening.abandon();
        release(opened.errors?.[0]);
        return opened;
      }
      const entered = enter(opened, opening.context, args, release);
      const results = entered instanceof Promise ? await entered : entered; // most join at once
      life.begin(results);
      options.onJoin?.(args, results);
      return results;
    } catch (error) {
      release(error);
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    } finally {
      opening.waiting -= 1;
      if (opening.waiting === 0) opening.opened.then(endIfEmpty, () => undefined);
    }
  }

  function subscribe(args: ExecutionArgs): Promise<SharedResults | ExecutionResult> | undefined {
    const scope = options.audienceOf(args);
    return scope && join(args, scope);
  }

  return {
    subscribe,
    plugin: {
      onYogaInit({ yoga }) {
        subscribeEnveloped = (args) => yoga.getEnveloped({}).subscribe(args);
      },
      async onSubscribe({ args, setResultAndStopExecution }) {
        if (SHARED in args.contextValue) return;
        const outcome = await subscribe(args);
        if (outcome !== undefined) setResultAndStopExecution(outcome);
      },
    },
    get audiences() {
      return openings.count;
    },
  };
}

/** How a subscriber joins: from now on, from a moment in the past, or after the cursor that was sent. */
function createEntrance(options: SharedSubscriptionsOptions, subscribeShared: SubscribeShared) {
  const { resuming } = options;

  async function enterPast(
    audience: Audience,
    preparing: Promise<PastRerun | undefined>,
    args: ExecutionArgs,
    release: OnLeft,
  ): Promise<SharedResults> {
    const past = await preparing;
    if (past === undefined) return audience.join(release);
    if (!audience.isNewestOnly) return replay(audience, args, release, past);
    past.release();
    return audience.join(release, true);
  }

  async function replay(
    audience: Audience,
    args: ExecutionArgs,
    release: OnLeft,
    rerun: PastRerun,
  ): Promise<SharedResults> {
    const { cursor, after } = rerun;
    const make: MakeFrames = async (until, take) => {
      const past = rerun.context(until);
      return makeFrames(options, await subscribeShared(args, past), past, take);
    };
    try {
      return await audience.resume(release, { cursor, after, make });
    } finally {
      rerun.release();
    }
  }

  async function enterAfter(
    audience: Audience,
    context: object,
    args: ExecutionArgs,
    release: OnLeft,
    { cursor, from }: { readonly cursor: string; readonly from: Resuming },
  ): Promise<SharedResults> {
    if (audience.isNewestOnly) {
      const after = (await from.offsetAhead?.(context, cursor)) ?? 0;
      return audience.resume(release, { cursor, after, make: async () => [] });
    }
    return replay(audience, args, release, { ...(await from.prepare(context, cursor)), cursor });
  }

  return (
    audience: Audience,
    context: object,
    args: ExecutionArgs,
    release: OnLeft,
  ): SharedResults | Promise<SharedResults> => {
    const cursor = resuming?.cursorOf(args);
    if (resuming !== undefined && cursor !== undefined)
      return enterAfter(audience, context, args, release, { cursor, from: resuming });
    const preparing = resuming?.preparePast?.(context, args);
    return preparing === undefined ? audience.join(release) : enterPast(audience, preparing, args, release);
  };
}

function endIfEmpty(opened: Audience | ExecutionResult): void {
  if ('endIfEmpty' in opened) opened.endIfEmpty();
}
