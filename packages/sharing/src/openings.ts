import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { type Audience, createAudience } from './audience.ts';
import type { AudienceOptions } from './audience-options.ts';
import { isStream, type SubscribeShared } from './execution.ts';
import { createHistoryBudget } from './history.ts';
import type { AudienceScope, SharedSubscriptionsOptions } from './options.ts';
import { createTurn } from './turn.ts';

/** An audience, from the moment the first subscriber asked for it. */
export interface Opening {
  /** The audience, or why there is none. Rejects if its source could not be opened. */
  readonly opened: Promise<Audience | ExecutionResult>;
  /** The audience, once there is one: who joins it then need not wait. */
  audience: Audience | undefined;
  /** The context of the shared execution. */
  readonly context: object;
  /** How many subscribers wait for it. */
  waiting: number;
  /** Nobody waits for it any more. */
  abandon(): void;
}

/** The audiences there are, by what their subscribers have in common. */
export interface Openings {
  /** Finds an audience, or opens it. */
  open(key: string, args: ExecutionArgs, scope: AudienceScope): Opening;
  readonly count: number;
}

export function createOpenings(options: SharedSubscriptionsOptions, subscribe: SubscribeShared): Openings {
  const { resuming, observer } = options;
  const openings = new Map<string, Opening>();
  const turn = options.turn ?? createTurn((error) => process.emitWarning(String(error)));
  const historyBudget = createHistoryBudget();

  async function start(
    args: ExecutionArgs,
    context: object,
    life: Pick<AudienceOptions, 'isAwaited' | 'onEmpty'>,
  ): Promise<Audience | ExecutionResult> {
    const outcome = await subscribe(args, context);
    if (!isStream(outcome)) return outcome;
    return createAudience({
      source: outcome,
      context,
      delivery: options.deliveryOf?.(args) ?? { every: true },
      resultPosition: () => resuming?.resultPosition(context),
      sourcePosition: () => resuming?.sourcePosition(context),
      partBytes: resuming?.partBytes ?? 131_072,
      historyBudget,
      toWire: options.toWire,
      maxWaiting: options.maxWaiting ?? 1000,
      turn,
      ...life,
      onExecuted: () => observer?.executed(context),
      onDelivered: (members) => observer?.delivered(context, members),
    });
  }

  /** Opens the one source of an audience. If that fails, all who wait get the error, and it is not kept. */
  function begin(key: string, args: ExecutionArgs, scope: AudienceScope): Opening {
    const controller = new AbortController();
    const context = scope.createContext(controller.signal);
    const forget = (): void => {
      if (openings.get(key) === opening) openings.delete(key);
    };
    const opening: Opening = {
      opened: start(args, context, { isAwaited: () => opening.waiting > 0, onEmpty: forget }),
      audience: undefined,
      context,
      waiting: 0,
      abandon() {
        forget();
        controller.abort();
      },
    };
    openings.set(key, opening);
    opening.opened.then((opened) => {
      if ('join' in opened) opening.audience = opened;
      else forget();
    }, forget);
    return opening;
  }

  return {
    open: (key, args, scope) => openings.get(key) ?? begin(key, args, scope),
    get count() {
      return openings.size;
    },
  };
}
