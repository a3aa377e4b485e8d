/* Generated. */
'use client';

import * as Operations from './operations.ts';
import * as Urql from 'urql';
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;


export function useAnnouncePresenceSubscription<TData = Operations.AnnouncePresenceSubscription>(options: Omit<Urql.UseSubscriptionArgs<Operations.AnnouncePresenceSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.AnnouncePresenceSubscription, TData>) {
  return Urql.useSubscription<Operations.AnnouncePresenceSubscription, TData, Operations.AnnouncePresenceSubscriptionVariables>({ query: Operations.AnnouncePresenceDocument, ...options }, handler);
};

export function useCurrentKpisQuery(options?: Omit<Urql.UseQueryArgs<Operations.CurrentKpisQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.CurrentKpisQuery, Operations.CurrentKpisQueryVariables>({ query: Operations.CurrentKpisDocument, ...options });
};

export function usePresenceSubscription<TData = Operations.PresenceSubscription>(options: Omit<Urql.UseSubscriptionArgs<Operations.PresenceSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.PresenceSubscription, TData>) {
  return Urql.useSubscription<Operations.PresenceSubscription, TData, Operations.PresenceSubscriptionVariables>({ query: Operations.PresenceDocument, ...options }, handler);
};

export function useRenewSessionMutation() {
  return Urql.useMutation<Operations.RenewSessionMutation, Operations.RenewSessionMutationVariables>(Operations.RenewSessionDocument);
};

export function useViewerQuery(options?: Omit<Urql.UseQueryArgs<Operations.ViewerQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.ViewerQuery, Operations.ViewerQueryVariables>({ query: Operations.ViewerDocument, ...options });
};

export function useWhileAwayQuery(options: Omit<Urql.UseQueryArgs<Operations.WhileAwayQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WhileAwayQuery, Operations.WhileAwayQueryVariables>({ query: Operations.WhileAwayDocument, ...options });
};

export function useRequestUpdatedSubscription<TData = Operations.RequestUpdatedSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.RequestUpdatedSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.RequestUpdatedSubscription, TData>) {
  return Urql.useSubscription<Operations.RequestUpdatedSubscription, TData, Operations.RequestUpdatedSubscriptionVariables>({ query: Operations.RequestUpdatedDocument, ...options }, handler);
};

export function useCrateUpdatedSubscription<TData = Operations.CrateUpdatedSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.CrateUpdatedSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.CrateUpdatedSubscription, TData>) {
  return Urql.useSubscription<Operations.CrateUpdatedSubscription, TData, Operations.CrateUpdatedSubscriptionVariables>({ query: Operations.CrateUpdatedDocument, ...options }, handler);
};

export function useSendBackCreatedSubscription<TData = Operations.SendBackCreatedSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.SendBackCreatedSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.SendBackCreatedSubscription, TData>) {
  return Urql.useSubscription<Operations.SendBackCreatedSubscription, TData, Operations.SendBackCreatedSubscriptionVariables>({ query: Operations.SendBackCreatedDocument, ...options }, handler);
};

export function useStorageUpdatedSubscription<TData = Operations.StorageUpdatedSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.StorageUpdatedSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.StorageUpdatedSubscription, TData>) {
  return Urql.useSubscription<Operations.StorageUpdatedSubscription, TData, Operations.StorageUpdatedSubscriptionVariables>({ query: Operations.StorageUpdatedDocument, ...options }, handler);
};

export function useAuditLoggedSubscription<TData = Operations.AuditLoggedSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.AuditLoggedSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.AuditLoggedSubscription, TData>) {
  return Urql.useSubscription<Operations.AuditLoggedSubscription, TData, Operations.AuditLoggedSubscriptionVariables>({ query: Operations.AuditLoggedDocument, ...options }, handler);
};

export function useAuditLoggedInFullSubscription<TData = Operations.AuditLoggedInFullSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.AuditLoggedInFullSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.AuditLoggedInFullSubscription, TData>) {
  return Urql.useSubscription<Operations.AuditLoggedInFullSubscription, TData, Operations.AuditLoggedInFullSubscriptionVariables>({ query: Operations.AuditLoggedInFullDocument, ...options }, handler);
};

export function useDashboardKpisSubscription<TData = Operations.DashboardKpisSubscription>(options?: Omit<Urql.UseSubscriptionArgs<Operations.DashboardKpisSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.DashboardKpisSubscription, TData>) {
  return Urql.useSubscription<Operations.DashboardKpisSubscription, TData, Operations.DashboardKpisSubscriptionVariables>({ query: Operations.DashboardKpisDocument, ...options }, handler);
};