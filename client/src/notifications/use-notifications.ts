'use client';

import { useEffect, useRef } from 'react';
import {
  type RequestAction,
  RequestUpdatedDocument,
  type RequestUpdatedSubscription,
  SendBackCreatedDocument,
  type SendBackCreatedSubscription,
} from '../generated/operations.ts';
import type { Unit } from '../query/use-live-queries.ts';
import { useLiveClient } from '../react/live-context.ts';
import { useLive } from '../react/use-live.ts';
import { type WithoutOwn, withoutOwn } from './without-own.ts';

/** A request was sent back. */
export type SendBackNotification = SendBackCreatedSubscription['sendBackCreated'];

/** Something happened to a request. */
export type RequestNotification = RequestUpdatedSubscription['requestUpdated'];

/** Which send-backs are reported. */
export interface SendBackNotificationOptions {
  /** Only those addressed to the user, wherever they sit (default). `false`: all of the unit. */
  readonly mine?: boolean;
  /** With `mine: false`: which unit's; default the user's own, or all for a System Admin. */
  readonly unitId?: Unit | undefined;
}

/**
 * Reports requests sent back, each once, for as long as the component is mounted; for any toast library.
 *
 * ```tsx
 * function Notifications() {
 *   useSendBackNotifications(({ actor, sendBack }) => {
 *     toast.warning(`Request ${sendBack.requestId} was sent back`, {
 *       description: `${actor?.name ?? 'The system'}: ${sendBack.reason ?? 'no reason given'}`,
 *     });
 *   });
 *   return null;
 * }
 * ```
 */
export function useSendBackNotifications(
  handler: (event: SendBackNotification) => void,
  { mine = true, unitId }: SendBackNotificationOptions = {},
): void {
  useLive(
    SendBackCreatedDocument,
    { mine, unitId },
    { event: ({ sendBackCreated }) => handler(sendBackCreated) },
  );
}

/**
 * The subscription begins so long ago, in milliseconds, for the screens that will share it: what they have begun to fetch before it ran need not be fetched again.
 */
const PAST_MS = 5000;

/** Which events are reported. */
export interface RequestNotificationOptions {
  /** Default: the user's own unit, or all for a System Admin. */
  readonly unitId?: Unit | undefined;
  /** Only these actions; default all. */
  readonly actions?: readonly RequestAction[] | null | undefined;
  /** Also what the user did; default false. */
  readonly includeOwn?: boolean;
}

/**
 * Reports what others do to requests, each event once and in order, for as long as the component is mounted; for any toast library. It shares
 * the subscription of `useLiveRequests` for the same unit.
 *
 * ```tsx
 * function Notifications() {
 *   useRequestNotifications(
 *     ({ action, actor, request }) => toast(`Request ${request.id}: ${action} by ${actor?.name ?? 'the system'}`),
 *     { actions: ['APPROVED', 'REJECTED', 'ISSUED'] },
 *   );
 *   return null;
 * }
 * ```
 */
export function useRequestNotifications(
  handler: (event: RequestNotification) => void,
  { unitId, actions, includeOwn = false }: RequestNotificationOptions = {},
): void {
  const client = useLiveClient();
  const newest = useRef(handler);
  const others = useRef<WithoutOwn<RequestNotification>>(undefined);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => {
    const ofClient = withoutOwn<RequestNotification>(client, (event) => newest.current(event));
    others.current = ofClient;
    return () => ofClient.close();
  }, [client]);
  useLive(
    RequestUpdatedDocument,
    { unitId },
    {
      pastMs: () => PAST_MS,
      event({ requestUpdated: event }, agoMs) {
        if (agoMs !== undefined) return; // it happened before
        if (actions != null && !actions.includes(event.action)) return;
        if (includeOwn) handler(event);
        else others.current?.event(event);
      },
    },
  );
}
