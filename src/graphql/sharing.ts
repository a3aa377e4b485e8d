import type { ExecutionArgs, GraphQLError } from 'graphql';
import {
  createSharedSubscriptions,
  type Delivery,
  type PastRerun,
  type Position,
  type Rerun,
  type SharedResults,
  type SharedSubscriptions,
  type Turn,
} from 'yoga-shared-subscriptions';
import type { Quota } from '../auth/quota.ts';
import { LiveError } from '../errors.ts';
import { topicRule } from '../events/kinds.ts';
import { isPresenceField } from '../events/presence-fields.ts';
import { readCursor } from '../topics/cursor.ts';
import type { Replay } from '../topics/replay.ts';
import { audienceScopeOf } from './audience-scope.ts';
import {
  type Context,
  contextOf,
  type ExecutedEvent,
  type OperationContext,
  type Past,
  requireSession,
  type SharedScope,
} from './context.ts';
import { Endings, type EndingsObserver } from './endings.ts';
import { formatResult } from './format.ts';
import { toGraphQLError } from './mask-error.ts';
import type { OperationLog } from './operation-log.ts';
import { subscribedField } from './root-fields.ts';

export interface SharingServices {
  readonly turn: Turn;
  /** Counts the subscriptions of each user. */
  readonly subscriptions: Quota;
  readonly kpiIntervalMs: number;
  /** About how many bytes of what it missed a client gets at once. */
  readonly partBytes: number;
  /** Takes over what an HTTP request has subscribed to. */
  readonly adopt: (request: Request, results: SharedResults, past: Past | undefined) => void;
  readonly observer: DeliveryObserver;
  readonly operations: Pick<OperationLog, 'subscribing' | 'overLimit'>;
}

/** For metrics. */
export interface DeliveryObserver extends EndingsObserver {
  executed(): void;
  /** @param members how many clients got each. */
  delivered(events: readonly ExecutedEvent[], members: number): void;
  /** A result has errors. */
  failed(errors: readonly GraphQLError[]): void;
}

/** How this server shares subscriptions: among equal scopes, KPIs conflated, each subscriber bound to its session. */
export function shareSubscriptions(services: SharingServices): SharedSubscriptions {
  const { observer } = services;
  return createSharedSubscriptions({
    turn: services.turn,
    audienceOf: audienceScopeOf,
    deliveryOf: (args) => deliveryOf(args, services.kpiIntervalMs),
    admit(args, end) {
      const context = contextOf(args);
      const session = requireSession(context);
      const release = services.subscriptions.take(session.identity.viewer.id);
      const record = services.operations.subscribing(args, session);
      if (release === undefined) {
        services.operations.overLimit(session, 'subscriptions-per-user');
        record.end({ refused: TOO_MANY.code });
        return toGraphQLError(TOO_MANY);
      }
      context.record = record;
      const endings = new Endings(observer, (sentCursor(args) ?? undefined) !== undefined);
      context.endings = endings;
      context.onAbandon?.(end);
      const unwatch = session.onEnd((error) => {
        if (error === undefined) endings.disconnect();
        end(error && toGraphQLError(error));
      });
      return (error) => {
        unwatch();
        release();
        record.end(endings.end(error));
      };
    },
    onJoin(args, results) {
      const { request, past, endings, record } = contextOf(args);
      if (endings?.begin()) record?.begin(results);
      if (request !== undefined) services.adopt(request, results, past);
    },
    resuming: {
      cursorOf,
      resultPosition: (context: Context) => context.audience?.position,
      sourcePosition: (context: Context) => context.audience?.source?.position(),
      prepare: prepareReplay,
      preparePast,
      offsetAhead,
      partBytes: services.partBytes,
    },
    toWire(result, position, isPast) {
      if (!isPast && result.errors !== undefined) observer.failed(result.errors);
      return {
        ...formatResult(result),
        ...(position && { extensions: isPast ? datedExtensions(position) : { cursor: position.cursor } }),
      };
    },
    observer: {
      executed({ audience }: Context) {
        observer.executed();
        const traced = audience?.undelivered.at(-1)?.traced;
        traced?.trace.executed(traced.from);
      },
      delivered(context: Context, members) {
        observer.delivered(context.audience?.undelivered.splice(0) ?? [], members);
      },
    },
  });
}

const TOO_MANY = new LiveError(
  'LIMIT_EXCEEDED',
  'You run as many subscriptions as one user may: end others first.',
);

/**
 * By what a client resumes: the header by which a browser's EventSource reconnects, which is newer than the request it
 * repeats, or `extensions.after`.
 */
function cursorOf(args: ExecutionArgs): string | undefined {
  const cursor = sentCursor(args);
  if (cursor === undefined || cursor === null) return undefined;
  if (typeof cursor === 'string') return cursor;
  throw toGraphQLError(new LiveError('BAD_USER_INPUT', 'extensions.after must be a cursor: a string.'));
}

function sentCursor(args: ExecutionArgs): unknown {
  const { request, params } = contextOf(args);
  return request?.headers.get('last-event-id') || params?.extensions?.['after'];
}

async function prepareReplay(context: Context, cursor: string): Promise<Rerun> {
  const { audience } = context;
  if (audience?.source === undefined) throw new Error('A subscription runs without a source.');
  try {
    return toRerun(audience, await audience.source.replay(cursor));
  } catch (error) {
    throw error instanceof LiveError ? toGraphQLError(error) : error;
  }
}

function toRerun(audience: SharedScope, { after, events, release }: Replay): Rerun {
  const contextFor = (until: number): Context => ({
    audience: { ...audience, missed: events(until), undelivered: [], position: undefined },
  });
  return { after, context: contextFor, release };
}

/** The client fetched its data a moment ago: `extensions.pastMs` says how far in the past it begins. */
function preparePast(context: Context, args: ExecutionArgs): Promise<PastRerun | undefined> | undefined {
  const own = contextOf(args);
  const ms = own.params?.extensions?.['pastMs'];
  return ms === undefined || ms === null ? undefined : readPast(context, own, ms);
}

async function readPast(
  { audience }: Context,
  own: OperationContext,
  ms: unknown,
): Promise<PastRerun | undefined> {
  if (typeof ms !== 'number' || !(ms >= 0))
    throw toGraphQLError(
      new LiveError('BAD_USER_INPUT', 'extensions.pastMs must be a number of milliseconds: 0 or more.'),
    );
  if (audience?.source === undefined) throw new Error('A subscription runs without a source.');
  try {
    const past = await audience.source.past(ms);
    if (past === undefined) return undefined;
    own.past = { ms: past.ms, now: Math.floor(past.now) }; // as times of events are rounded up
    return { ...toRerun(audience, past), cursor: past.cursor };
  } catch (error) {
    throw error instanceof LiveError ? toGraphQLError(error) : error;
  }
}

/** Rounded up: no event may seem older than it is. */
const datedExtensions = ({ cursor, at }: Position) => ({
  cursor,
  ...(at !== undefined && { at: Math.ceil(at) }),
});

/**
 * A client that comes from another process may have received a snapshot that this process has not received yet. Then the log is
 * read, and the client gets no snapshot from before that one.
 */
async function offsetAhead({ audience }: Context, cursor: string): Promise<number> {
  const offset = readCursor(cursor)?.offset ?? 0;
  if (audience?.source === undefined || offset <= (audience.position?.offset ?? 0)) return 0;
  try {
    const { after, release } = await audience.source.replay(cursor);
    release();
    return after;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    if (error.code === 'CURSOR_EXPIRED') return 0;
    throw toGraphQLError(error);
  }
}

/**
 * How often a client gets who is present, in milliseconds: a crowd that comes at once is one message to each. A client that announces the
 * same again gets that it is shown, too.
 */
const PRESENCE_EVERY_MS = 1000;

/** Each snapshot replaces the one before; of everything else each event counts. */
function deliveryOf(args: ExecutionArgs, newestEveryMs: number): Delivery {
  const name = subscribedField(args)?.name.value ?? '';
  if (isPresenceField(name)) return { newestEveryMs: PRESENCE_EVERY_MS };
  const field = args.schema.getSubscriptionType()?.getFields()[name];
  const isNewestOnly = field !== undefined && topicRule(args.schema, field)?.isNewestOnly === true;
  return isNewestOnly ? { newestEveryMs } : { every: true };
}
