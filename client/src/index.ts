export type { IdleOptions } from './connection/idle.ts';
export { createLiveClient } from './connection/live-client.ts';
export { type LiveClientOptions, SessionOver } from './connection/options.ts';
export type {
  Follower,
  LiveClient,
  LiveRefusal,
  LiveStatus,
  Seen,
  SeenOptions,
  TokenRequest,
  Transport,
} from './connection/types.ts';
export type { Freshness, FreshnessReason, QueryToJudge } from './freshness/freshness.ts';
export { isRefusal } from './freshness/refusal.ts';
export { type FreshnessNow, useFreshness } from './freshness/use-freshness.ts';
export * from './generated/index.ts';
export type { ChangedMeanwhile, ChangeMeanwhile } from './notifications/changed-meanwhile.ts';
export type { InboxItem } from './notifications/inbox-items.ts';
export { localReadMarks, type ReadMarks, type ReadState } from './notifications/read-marks.ts';
export type { ChangedKind, RecentChange } from './notifications/recent-changes.ts';
export { useChangedMeanwhile } from './notifications/use-changed-meanwhile.ts';
export { type Inbox, type InboxEntry, type InboxOptions, useInbox } from './notifications/use-inbox.ts';
export {
  type RequestNotification,
  type RequestNotificationOptions,
  type SendBackNotification,
  type SendBackNotificationOptions,
  useRequestNotifications,
  useSendBackNotifications,
} from './notifications/use-notifications.ts';
export { type RecentlyChangedOptions, useRecentlyChanged } from './notifications/use-recently-changed.ts';
export { useWhileAway, type WhileAwayNow, type WhileAwayOptions } from './notifications/use-while-away.ts';
export {
  type AnnounceOptions,
  type EditingOptions,
  useEditing,
  useLooking,
} from './presence/use-announced.ts';
export {
  type ObjectId,
  type PresenceOptions,
  type PresentUser,
  usePresence,
} from './presence/use-presence.ts';
export { backgroundHeaders } from './query/background-fetches.ts';
export { watchFetches } from './query/fetch-watch.ts';
export { isBefore, isNotBefore, type LiveFilter, type LiveFilters } from './query/filters.ts';
export type { LiveHold, LiveMutationMeta } from './query/held-by-mutation.ts';
export type { LiveConstantFields } from './query/other-fields.ts';
export type { LivePatch, LivePatches } from './query/patcher.ts';
export { createQueryBridge, type QueryBridge, type QueryBridgeOptions } from './query/query-bridge.ts';
export type { LiveQueryKeys, QueryKeyOption, QueryKeyTemplate } from './query/query-keys.ts';
export type { RefetchOptions } from './query/refetcher.ts';
export type { LiveOrder, LiveOrderRule } from './query/row-order.ts';
export { useLiveHold } from './query/use-live-hold.ts';
export type { LiveQueries, LiveQueriesOptions } from './query/use-live-queries.ts';
export { useLiveClient } from './react/live-context.ts';
export { LiveIndicator, type LiveIndicatorProps, type LiveLabels } from './react/live-indicator.tsx';
export { LiveProvider, type LiveProviderProps } from './react/live-provider.tsx';
export { useLive } from './react/use-live.ts';
export { type LiveStatusNow, useLiveStatus } from './react/use-live-status.ts';
export type { Steady, SteadyRow } from './steady/steady-rows.ts';
export { type Reading, useReading } from './steady/use-reading.ts';
export { type SteadyRows, type SteadyRowsOptions, useSteadyRows } from './steady/use-steady-rows.ts';
