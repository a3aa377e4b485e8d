/* Generated from schema.graphql and the files in kinds/ by npm run generate. */
export {
  useAnnouncePresenceSubscription,
  useAuditLoggedInFullSubscription,
  useAuditLoggedSubscription,
  useCrateUpdatedSubscription,
  useCurrentKpisQuery,
  useDashboardKpisSubscription,
  usePresenceSubscription,
  useRenewSessionMutation,
  useRequestUpdatedSubscription,
  useSendBackCreatedSubscription,
  useStorageUpdatedSubscription,
  useViewerQuery,
  useWhileAwayQuery,
} from './hooks.ts';
export type { LiveKind } from './kinds.ts';
export * from './live-hooks.ts';
export * from './operations.ts';
