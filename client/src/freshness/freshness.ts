import type { LiveRefusal, LiveStatus } from '../connection/types.ts';
import type { LiveQueries } from '../query/use-live-queries.ts';
import { isRefusal } from './refusal.ts';

/** Why data is old, or why there is none yet. */
export type FreshnessReason =
  /** The browser has no network. */
  | 'offline'
  /** `disconnect()` was called. */
  | 'disconnected'
  /** The session is over. */
  | 'signed-out'
  /** The server refuses this client. */
  | 'stopped'
  /** A fetch has failed. It is tried again. */
  | 'failed'
  /** The server does not serve the events, so nobody knows what has changed since the fetch. */
  | 'not-live'
  /** The connection is lost, or was never there. It is tried again. */
  | 'reconnecting'
  /** The server has not answered yet. */
  | 'slow';

/** How new the data of a screen is. All moments are Unix milliseconds. */
export type Freshness =
  /** It shows all that has happened. */
  | { readonly state: 'fresh' }
  /** Something is missing, and has been for less than 5 s: for a small sign. */
  | { readonly state: 'updating' }
  /** It shows what was at the moment `asOf`: say so. It comes back by itself, unless `why` is `signed-out` or `not-live`. */
  | {
      readonly state: 'old';
      readonly asOf: number;
      readonly why: FreshnessReason;
      /** With `failed`: what the fetch has thrown, where it is known. */
      readonly error?: unknown;
      /** With `not-live`. */
      readonly refusal?: LiveRefusal;
    }
  /** There is no data yet: a skeleton. Once `isLong`, say why instead. */
  | {
      readonly state: 'waiting';
      readonly since: number;
      /** It has failed, cannot be fetched now, or has taken 5 s. */
      readonly isLong: boolean;
      readonly why: FreshnessReason;
      readonly error?: unknown;
    }
  /** The REST API has refused it (403, 404, 410): what was shown must go. */
  | { readonly state: 'refused'; readonly error: unknown };

/** What is read of a query; a `UseQueryResult` has it. */
export interface QueryToJudge {
  readonly data: unknown;
  readonly error: unknown;
  readonly status: 'pending' | 'error' | 'success';
  readonly fetchStatus: 'fetching' | 'paused' | 'idle';
  readonly isPlaceholderData: boolean;
  readonly dataUpdatedAt: number;
  readonly errorUpdateCount: number;
  readonly failureReason: unknown;
}

/** How long something may be missing before it is said, in milliseconds. */
export const LONG_MS = 5000;

/** What is missing, whatever the time. */
export type Lack =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'data'; readonly why: FreshnessReason; readonly error?: unknown }
  | {
      readonly kind: 'news';
      readonly why: FreshnessReason;
      readonly asOf: number;
      readonly error?: unknown;
      readonly refusal?: LiveRefusal;
    };

export interface Facts {
  readonly queries: readonly QueryToJudge[];
  /** What keeps them live; empty: nothing does. */
  readonly lives: readonly LiveQueries[];
  readonly status: LiveStatus;
  /** When the connection was live last; `undefined`: not known. */
  readonly lastLiveAt: number | undefined;
}

/** What is missing of the data, and the gravest reason for it. */
export function lackOf(facts: Facts): Lack {
  const queries = facts.queries.filter(isWanted);
  const refused = queries.find(({ error, status }) => status === 'error' && isRefusal(error));
  if (refused !== undefined) return { kind: 'refused', error: refused.error };
  const missing = queries.filter(isMissing).map(whyMissing).sort(byGravity)[0];
  if (missing !== undefined) return { kind: 'data', ...missing };
  const fetchedAt = Math.min(Date.now(), ...queries.map(({ dataUpdatedAt }) => dataUpdatedAt));
  const lacks = [
    ...ofConnection(facts, fetchedAt),
    ...facts.lives.flatMap((live) => ofLive(live, fetchedAt, errorOf(queries))),
    ...queries.flatMap((query) => ofQuery(query, facts)),
  ].sort(byGravity);
  const [gravest] = lacks;
  if (gravest === undefined) return { kind: 'nothing' };
  return { kind: 'news', ...gravest, asOf: Math.min(...lacks.map(({ asOf }) => asOf)) };
}

/** @param since when something began to be missing. */
export function freshnessOf(lack: Lack, since: number, now: number): Freshness {
  const isLong = now - since >= LONG_MS;
  switch (lack.kind) {
    case 'nothing':
      return { state: 'fresh' };
    case 'refused':
      return { state: 'refused', error: lack.error };
    case 'data': {
      const { kind: _, ...why } = lack;
      return { state: 'waiting', since, isLong: isLong || !PASSING.has(lack.why), ...why };
    }
    case 'news': {
      const { kind: _, ...what } = lack;
      return isLong || !PASSING.has(lack.why) ? { state: 'old', ...what } : { state: 'updating' };
    }
  }
}

/** The gravest first. */
const GRAVITY: readonly FreshnessReason[] = [
  'signed-out',
  'offline',
  'disconnected',
  'stopped',
  'failed',
  'not-live',
  'reconnecting',
  'slow',
];

/** These are usually over after a moment. */
const PASSING: ReadonlySet<FreshnessReason> = new Set(['reconnecting', 'slow']);

interface Why {
  readonly why: FreshnessReason;
  readonly error?: unknown;
  readonly refusal?: LiveRefusal;
}

type OldNews = Why & { readonly asOf: number };

const byGravity = (one: Why, other: Why): number => GRAVITY.indexOf(one.why) - GRAVITY.indexOf(other.why);

/** A query that is disabled and was never fetched is not waited for. */
const isWanted = ({ status, fetchStatus }: QueryToJudge): boolean =>
  status !== 'pending' || fetchStatus !== 'idle';

/** What is shown is not its own: nothing, or what another key has brought. */
const isMissing = ({ data, isPlaceholderData }: QueryToJudge): boolean =>
  data === undefined || isPlaceholderData;

function whyMissing(query: QueryToJudge): Why {
  if (query.fetchStatus === 'paused') return { why: 'offline' };
  const error = query.error ?? query.failureReason;
  // While it is tried again, TanStack Query has forgotten the error.
  if (error !== null || query.errorUpdateCount > 0) return { why: 'failed', error };
  return { why: 'slow' };
}

function ofConnection({ lives, status, lastLiveAt = 0 }: Facts, fetchedAt: number): readonly OldNews[] {
  if (lives.length === 0 || status.phase === 'live') return [];
  return [{ why: whyNotLive(status), asOf: Math.max(fetchedAt, lastLiveAt) }];
}

function whyNotLive(status: LiveStatus): FreshnessReason {
  if (status.phase === 'offline') return status.reason === 'browser' ? 'offline' : 'disconnected';
  return status.phase === 'stopped' || status.phase === 'signed-out' ? status.phase : 'reconnecting';
}

/** What the fetch of one of them has thrown. */
const errorOf = (queries: readonly QueryToJudge[]): unknown =>
  queries.find(({ status }) => status === 'error')?.error;

function ofLive(
  { refusal, isOutdated, isUpdating, asOf = Date.now() }: LiveQueries,
  fetchedAt: number,
  error: unknown,
): readonly OldNews[] {
  if (refusal !== undefined) return [{ why: 'not-live', asOf: fetchedAt, refusal }];
  // What is not tried again was refused. A refusal is an answer: the component that shows the query says so.
  if (isOutdated && isUpdating) return [{ why: 'failed', asOf, error }];
  return isUpdating ? [{ why: 'slow', asOf }] : [];
}

/** Without events only its own fetches say how new a query is. With them, a failed fetch need not mean that anything is missing. */
function ofQuery(query: QueryToJudge, { lives }: Facts): readonly OldNews[] {
  const { status, error, fetchStatus, dataUpdatedAt: asOf } = query;
  if (fetchStatus === 'paused') return [{ why: 'offline', asOf }];
  return status === 'error' && lives.length === 0 ? [{ why: 'failed', asOf, error }] : [];
}
