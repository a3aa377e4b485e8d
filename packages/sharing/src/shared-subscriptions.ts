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
import { createHash } from 'node:crypto';
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Audience, type AudienceOptions, createAudience } from './audience.ts';
import { createFrame, type Frame } from './batch.ts';
import { createHistoryBudget, type MakeFrames } from './history.ts';
import type { SharedResults } from './member.ts';
import type { AudienceScope, SharedSubscriptionsOptions } from './options.ts';
import { SubscriberLife } from './subscriber-life.ts';
import { createTurn } from './turn.ts';

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

/** Why what was missed cannot be made again. */
const NO_ROOM = {
  never: new GraphQLError('You missed more than is told again: fetch the data anew, then subscribe anew.', {
    extensions: { code: 'CURSOR_EXPIRED' },
  }),
  'not now': new GraphQLError('Others are being told what they missed: try again in a moment.', {
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  }),
};

/** Marks the context of a shared execution, which the plugin does not share again. */
const SHARED = Symbol('shared');

/** An audience, from the moment the first subscriber asked for it. */
interface Opening {
  readonly opened: Promise<Audience | ExecutionResult>;
  readonly context: object;
  /** How many subscribers wait for it. */
  waiting: number;
  abandon(): void;
}

const NOTHING_TO_RELEASE = (): void => undefined;

/** After this many results of the past, other work gets a turn. */
const RESULTS_PER_TURN = 100;

export function createSharedSubscriptions(options: SharedSubscriptionsOptions): SharedSubscriptions {
  const { resuming } = options;
  const openings = new Map<string, Opening>();
  const turn = options.turn ?? createTurn((error) => process.emitWarning(String(error)));
  const nameOf = nameDocuments();
  const historyBudget = createHistoryBudget();
  const toWire = options.toWire ?? ((result: ExecutionResult): unknown => result);
  let subscribeEnveloped: Subscribe | undefined;

  function subscribeShared(args: ExecutionArgs, context: object): Outcome | Promise<Outcome> {
    if (subscribeEnveloped === undefined) throw new Error('The plugin is not part of a server.');
    return subscribeEnveloped({ ...args, contextValue: Object.assign(context, { [SHARED]: true }) });
  }

  async function start(
    args: ExecutionArgs,
    context: object,
    life: Pick<AudienceOptions, 'isAwaited' | 'onEmpty'>,
  ): Promise<Audience | ExecutionResult> {
    const outcome = await subscribeShared(args, context);
    if (!isStream(outcome)) return outcome;
    return createAudience({
      source: outcome,
      delivery: options.deliveryOf?.(args) ?? { every: true },
      resultPosition: () => resuming?.resultPosition(context),
      sourcePosition: () => resuming?.sourcePosition(context),
      partBytes: resuming?.partBytes ?? 131_072,
      historyBudget,
      toWire,
      maxWaiting: options.maxWaiting ?? 1000,
      turn,
      ...life,
      onExecuted: () => options.observer?.executed(context),
      onDelivered: (members) => options.observer?.delivered(context, members),
    });
  }

  /** Opens the one source of an audience. If that fails, all who wait get the error, and it is not kept. */
  function open(key: string, args: ExecutionArgs, scope: AudienceScope): Opening {
    const controller = new AbortController();
    const context = scope.createContext(controller.signal);
    const forget = (): void => {
      if (openings.get(key) === opening) openings.delete(key);
    };
    const opening: Opening = {
      opened: start(args, context, { isAwaited: () => opening.waiting > 0, onEmpty: forget }),
      context,
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

  /** What all who share have in common. `undefined`: the variables are nested too deeply to be written, and so to be compared. */
  function keyOf({ document, operationName, variableValues }: ExecutionArgs, scope: AudienceScope) {
    try {
      return JSON.stringify([nameOf(document), operationName, variableValues, scope.key]);
    } catch {
      return undefined;
    }
  }

  /** Makes the frames that were missed, without blocking the event loop. */
  async function makeFrames(
    args: ExecutionArgs,
    context: object,
    take: Parameters<MakeFrames>[1],
  ): Promise<readonly Frame[]> {
    const outcome = await subscribeShared(args, context);
    if (!isStream(outcome)) throw new Error('A subscription that runs could not be run again.');
    const frames: Frame[] = [];
    for await (const result of outcome) {
      options.observer?.executed(context);
      const frame = createFrame(result, resuming?.resultPosition(context), toWire);
      const room = take(frame);
      if (room !== 'enough') throw NO_ROOM[room];
      frames.push(frame);
      if (frames.length % RESULTS_PER_TURN === 0) await new Promise(setImmediate);
    }
    return frames;
  }

  /** Joins from now on, or after the cursor that was sent. */
  async function enter(
    audience: Audience,
    context: object,
    args: ExecutionArgs,
    release: () => void,
  ): Promise<SharedResults> {
    const cursor = resuming?.cursorOf(args);
    if (resuming === undefined || cursor === undefined) return audience.join(release);
    if (audience.isNewestOnly) {
      const after = (await resuming.offsetAhead?.(context, cursor)) ?? 0;
      return audience.resume(release, { cursor, after, make: async () => [] });
    }
    const replay = await resuming.prepare(context, cursor);
    try {
      const make: MakeFrames = (until, take) => makeFrames(args, replay.context(until), take);
      return await audience.resume(release, { cursor, after: replay.after, make });
    } finally {
      replay.release();
    }
  }

  async function join(args: ExecutionArgs, scope: AudienceScope): Promise<SharedResults | ExecutionResult> {
    const key = keyOf(args, scope);
    if (key === undefined) return { errors: [TOO_DEEP] };
    const life = new SubscriberLife();
    const admission = options.admit?.(args, life.end);
    if (admission instanceof Error) return { errors: [admission] };
    const release = admission ?? NOTHING_TO_RELEASE;
    const opening = openings.get(key) ?? open(key, args, scope);
    opening.waiting += 1;
    try {
      const opened = await life.awaits(opening.opened);
      if (!('join' in opened)) {
        if (opening.waiting === 1) opening.abandon();
        release();
        return opened;
      }
      const results = await enter(opened, opening.context, args, release);
      life.begin(results);
      options.onJoin?.(args, results);
      return results;
    } catch (error) {
      release();
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    } finally {
      opening.waiting -= 1;
      if (opening.waiting === 0) opening.opened.then(endIfEmpty, () => undefined);
    }
  }

  return {
    plugin: {
      onYogaInit({ yoga }) {
        subscribeEnveloped = (args) => yoga.getEnveloped({}).subscribe(args);
      },
      async onSubscribe({ args, setResultAndStopExecution, setSubscribeFn }) {
        if (SHARED in args.contextValue) {
          if (options.subscribe !== undefined) setSubscribeFn(options.subscribe);
          return;
        }
        const scope = options.audienceOf(args);
        if (scope !== undefined) setResultAndStopExecution(await join(args, scope));
      },
    },
    get audiences() {
      return openings.size;
    },
  };
}

/**
 * Names documents: equal texts get equal names, although a cache may have dropped the document of an audience and parsed the text
 * again. A name is a digest, since texts are long. A document that does not know its text gets a name of its own.
 */
function nameDocuments(): (document: DocumentNode) => string {
  const names = new WeakMap<DocumentNode, string>();
  let count = 0;
  return (document) => {
    const known = names.get(document);
    if (known !== undefined) return known;
    const text = document.loc?.source.body;
    count += 1;
    const name =
      text === undefined ? `${count}` : createHash('sha256').update(text, 'utf16le').digest('base64');
    names.set(document, name);
    return name;
  };
}

function endIfEmpty(opened: Audience | ExecutionResult): void {
  if ('endIfEmpty' in opened) opened.endIfEmpty();
}

function isStream(outcome: Outcome): outcome is AsyncGenerator<ExecutionResult> {
  return Symbol.asyncIterator in outcome;
}
