export { createLiveClient } from './connection/live-client.ts';
export { type LiveClientOptions, SessionOver } from './connection/options.ts';
export type {
  Follower,
  LiveClient,
  LiveRefusal,
  LiveStatus,
  TokenRequest,
  Transport,
} from './connection/types.ts';
export {
  useAuditLoggedInFullSubscription,
  useAuditLoggedSubscription,
  useCrateUpdatedSubscription,
  useCurrentKpisQuery,
  useDashboardKpisSubscription,
  useRenewSessionMutation,
  useRequestUpdatedSubscription,
  useSendBackCreatedSubscription,
  useStorageUpdatedSubscription,
  useViewerQuery,
} from './generated/hooks.ts';
export * from './generated/operations.ts';
export type { LiveQueryKeys } from './query/query-keys.ts';
export { useLiveClient } from './react/live-context.ts';
export { LiveIndicator, type LiveIndicatorProps, type LiveLabels } from './react/live-indicator.tsx';
export { LiveProvider, type LiveProviderProps } from './react/live-provider.tsx';
export { useLive } from './react/use-live.ts';
export { type LiveStatusNow, useLiveStatus } from './react/use-live-status.ts';
